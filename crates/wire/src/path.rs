//! Where each call lives. The paths under [`API`] are relative to [`crate::WellKnown::api_base`]'s origin.

/// [`crate::WellKnown`]: GET, open to everyone.
pub const WELL_KNOWN: &str = "/.well-known/courrier";
/// The common start of every call below.
pub const API: &str = "/api/v1";
/// [`crate::SessionInfo`]: GET.
pub const SESSION: &str = "/api/v1/session";
/// GET [`crate::Page`] with `sync_id`, `after`, `limit`, and `full=true` while pulling everything page by page from
/// revision 0 (`after` is then no claim to have seen the deletions below it: no `horizon`); POST [`crate::Push`].
pub const CHANGES: &str = "/api/v1/changes";
/// [`crate::Event`]s as server-sent events: GET with `sync_id` and `after`.
pub const EVENTS: &str = "/api/v1/events";
/// GET [`crate::DeviceList`]; POST [`crate::DeviceRegistration`]; PATCH and DELETE with an id behind it.
pub const DEVICES: &str = "/api/v1/devices";
/// GET a [`crate::Record`]; PUT a [`crate::Write`]: the preferences, for programs that want nothing else.
pub const PREFERENCES: &str = "/api/v1/preferences";
/// The person's own [`crate::AuditPage`]: GET with `before` and `limit`.
pub const AUDIT: &str = "/api/v1/audit";
/// Everybody's [`crate::AuditPage`], for administrators: GET with `before`, `limit` and `user`.
pub const ADMIN_AUDIT: &str = "/api/v1/admin/audit";
/// The OpenAPI document: GET, open to everyone.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// Where the issuer says that a session ended (OpenID Connect Back-Channel Logout 1.0): POST.
pub const BACKCHANNEL_LOGOUT: &str = "/oidc/backchannel-logout";
