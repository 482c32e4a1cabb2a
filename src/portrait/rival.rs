//! The answers under other hyperpriors, as far as a moment affords.

use super::{Effort, Portrait};
use crate::fit::AssessedRun;
use crate::sensitivity::{Depth, Sensitivity, sensitivity_of};

/// FKs with scales of their own up to which other hyperpriors are tried: each takes an integral for each
/// FK.
const MOST_WITH_OWN_SCALES: usize = 40;

impl Portrait {
    /// The answers under other hyperpriors; in words why there are none.
    ///
    /// # Errors
    /// The reason, which is no failure: too costly for a moment, skipped on request, or not available.
    pub fn sensitivity(&self) -> Result<Sensitivity, String> {
        let file = &self.opened.file;
        let (hierarchy, data) = (file.hierarchy(), file.data());
        let exact = match &self.opened.exact {
            None => return Err("the fit was to skip the exact posterior".to_owned()),
            Some(Err(why)) => return Err(format!("the exact posterior is {why}")),
            Some(Ok(exact)) => exact,
        };
        let dear = self.effort == Effort::Moment && hierarchy.has_own_scales();
        if dear && data.fks().len() > MOST_WITH_OWN_SCALES {
            return Err("with so many foreign keys it takes more than a moment".to_owned());
        }
        let depth = if dear { Depth::Brief } else { Depth::Whole };
        let run = AssessedRun {
            metadata: file.metadata(),
            data,
            hierarchy,
            draws_file: None,
            seconds: None,
        };
        Ok(sensitivity_of(&run, exact, &[], depth))
    }
}
