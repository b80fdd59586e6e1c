//! Bodies, queries and ids of requests; what does not fit is refused in the one form that all refusals have.

use axum::extract::{FromRequest, FromRequestParts};

use crate::refusal::Refused;

/// A body.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(Refused))]
pub(crate) struct Json<T>(pub(crate) T);

/// A query.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Refused))]
pub(crate) struct Query<T>(pub(crate) T);

/// What stands in the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refused))]
pub(crate) struct Path<T>(pub(crate) T);
