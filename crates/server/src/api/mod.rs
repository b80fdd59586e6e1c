//! The calls, and the document that describes them: both come from the same list, so neither can lack one.

mod audit;
mod changes;
mod devices;
mod events;
mod health;
mod logout;
mod openapi;
mod preferences;
mod session;
mod well_known;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use health::metrics as metrics_page;

use crate::refusal::Refused;
use crate::state::App;
use crate::{layers, limits};

/// Everything that the server answers.
pub(crate) fn router(app: App) -> Router {
    let (calls, document) = calls().split_for_parts();
    calls
        .merge(openapi::route(&document))
        .fallback(async || Refused::new(courrier_wire::ErrorCode::NotFound))
        .method_not_allowed_fallback(async || Refused::method())
        .layer(DefaultBodyLimit::max(limits::BODY))
        .layer(axum::middleware::from_fn_with_state(App::clone(&app), layers::around))
        .with_state(app)
}

fn calls() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(well_known::well_known))
        .routes(routes!(session::session))
        .routes(routes!(changes::pull, changes::push))
        .routes(routes!(events::events))
        .routes(routes!(devices::list, devices::register))
        .routes(routes!(devices::rename, devices::revoke))
        .routes(routes!(preferences::read, preferences::write))
        .routes(routes!(audit::own))
        .routes(routes!(audit::all))
        .routes(routes!(logout::backchannel_logout))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::local_metrics))
}
