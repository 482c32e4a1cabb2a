//! Pictures as pixels.

use super::Figure;
use crate::Error;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels per user unit: sharp on paper and on fine screens.
const SCALE: f32 = 2.0;

/// The picture as a PNG file, with its mark as a comment.
///
/// # Errors
/// If it cannot be drawn, which would be a defect of this program.
pub fn to_png(figure: &Figure) -> Result<Vec<u8>, Error> {
    let broken = |what: String| Error::Internal(format!("cannot draw: {what}"));
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_system_fonts();
    // Without a font by the name there is still some font.
    let family = fonts
        .faces()
        .filter(|face| !face.monospaced)
        .find_map(|face| face.families.first().map(|(family, _)| family.clone()));
    if let Some(family) = family {
        fonts.set_sans_serif_family(&family);
        options.font_family = family;
    }
    let tree =
        Tree::from_str(&figure.document(), &options).map_err(|error| broken(error.to_string()))?;
    let size = tree.size().to_int_size();
    let pixels = |length: u32| (SCALE * length as f32).ceil() as u32;
    let (width, height) = (pixels(size.width()), pixels(size.height()));
    let mut pixmap =
        Pixmap::new(width, height).ok_or_else(|| broken("it is too large".to_owned()))?;
    let scaled = Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, scaled, &mut pixmap.as_mut());
    encoded(&pixmap, &figure.kind.mark()).map_err(|error| broken(error.to_string()))
}

/// The paper is opaque, so that colours are as they are, without regard to their opacity.
fn encoded(pixmap: &Pixmap, comment: &str) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk("Comment".to_owned(), comment.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixmap.data())?;
    writer.finish()?;
    Ok(bytes)
}
