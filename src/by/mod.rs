//! Many hierarchies at once: a fit for each task of an input, in one pass and on all cores.
//!
//! Tasks share nothing but model and settings: each has a hierarchy, a default hyperprior and a choice of
//! noise of its own. Its random numbers come from a seed that follows from the run's and its name
//! ([`task_seed`]), so that its figures depend neither on the other tasks, nor on their order, nor on
//! threads: a fit of that task alone with that seed gives the same.
//!
//! ```
//! use fkbayes::by::{TaskFit, fit_tasks};
//! use fkbayes::data::{ReadOptions, Source, read_tasks};
//! use fkbayes::fit::Fitter;
//! # let folder = tempfile::tempdir().map_err(|e| fkbayes::Error::Internal(e.to_string()))?;
//! # let path = folder.path().join("scores.csv");
//! # std::fs::write(&path, "task,fk,score\nx,a,1\nx,a,2\nx,b,5\nx,b,6\ny,a,1\ny,a,2\n")
//! #     .map_err(|e| fkbayes::Error::Internal(e.to_string()))?;
//! let options = ReadOptions { task_column: Some("task".into()), ..ReadOptions::default() };
//! let tasks = read_tasks(&[Source::from(path)], &options)?;
//! let mut fks = 0;
//! let mut count = |fitted: &TaskFit| {
//!     fks += fitted.rows.len();
//!     Ok(())
//! };
//! let fits = fit_tasks(&Fitter::default(), &tasks, &mut count, &Default::default())?;
//! assert_eq!((fits.tasks.len(), fks), (2, 3));
//! # Ok::<(), fkbayes::Error>(())
//! ```

mod chains;
mod draws;
mod exact;
mod files;
mod record;
mod run;
mod table;
mod task;

pub use files::{Outputs, TableTarget, fit_tasks_to_files};
pub use record::{SCHEMA, TaskFits, TaskRecord, Totals};
pub use run::{TaskSink, fit_tasks};
pub use task::{FkRow, TaskFit, task_seed};
