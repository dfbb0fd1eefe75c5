//! The HTTP kit: problems, extractors that answer with them, request ids, metrics, operations
//! pages, security headers, the session cookie, keys of repeated writes, signed webhooks, and a server
//! that takes on no more than it can do.

mod assets;
mod capacity;
mod cookie;
mod extract;
mod headers;
mod idempotency;
mod instrument;
mod limits;
mod ops;
mod problem;
mod serve;
mod signature;

pub use assets::{asset, media_type};
pub use capacity::{Capacity, OwnLimits, with_own_limits, within};
pub use cookie::SessionCookie;
pub use extract::{Json, Path, Query};
pub use headers::{SecurityHeaders, secure};
pub use idempotency::IdempotencyKey;
pub use instrument::{RequestId, instrument};
pub use limits::PerMinute;
pub use ops::{Ops, ops_router};
pub use problem::{PROBLEM_JSON, Problem, no_route, wrong_method};
pub use serve::serve;
pub use signature::{SIGNATURE_HEADER, Secrets, SignatureError};
