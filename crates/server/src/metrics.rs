//! What can be counted (OpenMetrics, as Prometheus collects it). No label names a person, a device or an address.

use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use courrier_wire::ErrorCode;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// Upper ends of the buckets for the time until an answer begins, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: String,
}

/// The server's metrics.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    duration: Family<Route, Histogram>,
    refusals: Family<Code, Counter>,
    streams: Gauge,
    records: Counter<u64, AtomicU64>,
}

impl Metrics {
    /// All at zero.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("courrier_server");
        let metrics = Self {
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            refusals: Family::default(),
            streams: Gauge::default(),
            records: Counter::default(),
            registry: Registry::default(),
        };
        registry.register("build", "The program's version", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time until the answer begins",
            Unit::Seconds,
            metrics.duration.clone(),
        );
        registry.register("refusals", "Requests refused, by error code", metrics.refusals.clone());
        registry.register("event_streams", "Event streams that are open", metrics.streams.clone());
        registry.register("writes", "Writes to records that devices asked for", metrics.records.clone());
        Self { registry, ..metrics }
    }

    /// One answer has begun. `route` is the pattern, never the path that was asked for.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = Answered { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.duration.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// One answer was a refusal.
    pub(crate) fn refused(&self, code: ErrorCode) {
        self.refusals.get_or_create(&Code { code: code.to_string() }).inc();
    }

    /// A device asked for so many writes.
    pub(crate) fn writes(&self, count: usize) {
        self.records.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// The number of open event streams.
    pub(crate) fn streams(&self) -> &Gauge {
        &self.streams
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        if text::encode(&mut out, &self.registry).is_err() {
            // Writing to a string can't fail; a collector sees an incomplete answer by its missing end.
            out.clear();
            let _ = writeln!(out, "# incomplete");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let metrics = Metrics::new();
        metrics.answered("GET", "/api/v1/session", 401, Duration::from_millis(3));
        metrics.refused(ErrorCode::TokenInvalid);
        metrics.streams().inc();
        let text = metrics.text();
        for line in [
            r#"courrier_server_requests_total{method="GET",route="/api/v1/session",status="401"} 1"#,
            r#"courrier_server_request_duration_seconds_bucket{le="0.005",route="/api/v1/session"} 1"#,
            r#"courrier_server_refusals_total{code="token_invalid"} 1"#,
            "courrier_server_event_streams 1",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
