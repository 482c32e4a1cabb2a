//! Colours and type of the figures, as CSS for a page and for a file that stands alone.

/// A colour by its name: on light paper, on dark paper. The hues are those of Okabe & Ito (2008), which
/// differ without colour vision too, darkened or lightened to a contrast of 4.5 with the paper wherever
/// text is set in them.
const PALETTE: [(&str, &str, &str); 11] = [
    ("paper", "#ffffff", "#14181d"),
    ("ink", "#1b2026", "#e8ecf1"),
    ("muted", "#566069", "#a3aeba"),
    ("grid", "#e4e8ec", "#2a3139"),
    ("axis", "#8a949e", "#6f7a86"),
    ("post", "#0067a5", "#56b4e9"),
    ("plug", "#b84a00", "#f0a13c"),
    ("third", "#00795a", "#2fcfa0"),
    ("fourth", "#a03c7a", "#e08fc0"),
    ("pale", "#d5e7f3", "#1f3c52"),
    ("heat", "#56b4e9", "#1f6fa8"),
];

/// Hues of what comes in numbers: chains, FKs.
pub(super) const HUES: [&str; 4] = ["post", "plug", "third", "fourth"];

/// Rules that hold in either.
const SHAPES: &str = "\
svg.fig text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,'DejaVu Sans',sans-serif;\
font-size:12px;stroke:none}\
svg.fig .small{font-size:11px}svg.fig .bold{font-weight:600}\
svg.fig .end{text-anchor:end}svg.fig .mid{text-anchor:middle}\
svg.fig .name{unicode-bidi:isolate;white-space:pre}\
svg.fig .thin{stroke-width:1}svg.fig .line{stroke-width:1.6}svg.fig .thick{stroke-width:4;stroke-linecap:round}\
svg.fig .medium{stroke-width:2.2;stroke-linecap:round}\
svg.fig .dash{stroke-dasharray:5 4}svg.fig .dots{stroke-dasharray:1.5 3.5;stroke-linecap:round}\
svg.fig .faint{opacity:.55}svg.fig .join{stroke-linejoin:round}";

/// What the colours are for a page: properties that follow the reader's preference, and rules that use
/// them.
#[must_use]
pub(in crate::report) fn for_page() -> String {
    let properties = |dark: bool| -> String {
        let each = PALETTE.iter().map(|(name, on_light, on_dark)| {
            format!("--{name}:{};", if dark { on_dark } else { on_light })
        });
        each.collect()
    };
    format!(
        ":root{{color-scheme:light dark;{}}}\
         @media screen and (prefers-color-scheme:dark){{:root{{{}}}}}{}{SHAPES}",
        properties(false),
        properties(true),
        rules(|name, _| format!("var(--{name})"))
    )
}

/// The same for a file of its own: light, every colour written out.
#[must_use]
pub(in crate::report) fn standing_alone() -> String {
    format!("{}{SHAPES}", rules(|_, on_light| on_light.to_owned()))
}

/// A class to fill and a class to draw with each colour.
fn rules(color: impl Fn(&str, &str) -> String) -> String {
    let each = PALETTE.iter().map(|(name, on_light, _)| {
        let color = color(name, on_light);
        format!("svg.fig .f-{name}{{fill:{color}}}svg.fig .s-{name}{{stroke:{color};fill:none}}")
    });
    each.collect()
}
