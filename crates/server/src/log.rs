//! The log: one line an event on standard error, JSON unless a person looks on.

use std::io::IsTerminal;

use courrier_server::config::{Log, LogFormat};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log. Libraries are heard from warnings up only: what they say in detail may hold what we must not keep.
pub(crate) fn start(log: Log) {
    let libraries = log.level.min(LevelFilter::WARN);
    let filter = Targets::new().with_default(libraries).with_target("courrier_server", log.level);
    let registry = tracing_subscriber::registry().with(filter);
    let json = match log.format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    // There is one log; a second start, which only tests could ask for, changes nothing.
    let _ = if json {
        registry.with(Layer::new().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(Layer::new().with_writer(std::io::stderr)).try_init()
    };
}
