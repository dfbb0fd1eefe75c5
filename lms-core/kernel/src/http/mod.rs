//! The HTTP kit: problems, extractors that answer with them, request ids, metrics, operations
//! pages, security headers and the session cookie.

mod assets;
mod cookie;
mod extract;
mod headers;
mod instrument;
mod limits;
mod ops;
mod problem;

pub use assets::{asset, media_type};
pub use cookie::SessionCookie;
pub use extract::{Json, Path, Query};
pub use headers::{SecurityHeaders, secure};
pub use instrument::{RequestId, instrument};
pub use limits::PerMinute;
pub use ops::{Ops, ops_router};
pub use problem::{PROBLEM_JSON, Problem, no_route, wrong_method};
