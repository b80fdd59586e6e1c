//! Who did what, as the server noted it.

use std::sync::Arc;

use courrier_model::DeviceId;
use courrier_wire::{AuditPage, DeviceList, path};

use crate::server::api::Call;
use crate::view::{AuditEntryView, AuditPageView};
use crate::{AppError, Courrier, convert};

/// Lines of one page.
const PAGE: u32 = 50;

impl Courrier {
    /// A page of the person's own log, the newest first; `before` is what the page before it gave.
    ///
    /// # Errors
    /// `server.unreachable` and the others of a call.
    pub async fn audit(self: &Arc<Self>, before: Option<u32>) -> Result<AuditPageView, AppError> {
        let call = Call::get(path::AUDIT)
            .query("before", before.map(|before| before.to_string()))
            .query("limit", Some(PAGE.to_string()));
        let page: AuditPage = self.call(&call).await?;
        let devices: DeviceList = self.call(&Call::get(path::DEVICES)).await?;
        // One that is no longer listed keeps its id.
        let named = |id: DeviceId| {
            let device = devices.devices.iter().find(|device| device.id == id);
            device.map_or_else(|| id.to_string(), |device| device.name.clone())
        };
        // The window's bindings know no larger whole numbers; no log has as many lines.
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(AuditPageView {
            entries: page
                .entries
                .into_iter()
                .map(|entry| AuditEntryView {
                    sequence: number(entry.sequence),
                    at: convert::time(entry.at),
                    action: entry.action.as_str().to_owned(),
                    device: entry.device.map(named),
                    target: entry.target,
                    address: entry.address,
                })
                .collect(),
            before: page.before.map(number),
        })
    }
}
