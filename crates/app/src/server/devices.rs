//! The person's computers.

use std::sync::Arc;

use courrier_model::DeviceId;
use courrier_wire::{Device, DeviceChange, DeviceList, ErrorCode, path};

use crate::server::api::Call;
use crate::server::state::Profile;
use crate::server::{ServerError, registration};
use crate::view::DeviceView;
use crate::{AppError, Courrier, convert};

impl Courrier {
    /// The person's computers, as the server lists them.
    ///
    /// # Errors
    /// `server.unreachable` and the others of a call.
    pub async fn devices(self: &Arc<Self>) -> Result<Vec<DeviceView>, AppError> {
        let list: DeviceList = self.call(&Call::get(path::DEVICES)).await?;
        let this = list.devices.iter().find(|device| device.current).cloned();
        self.blocking(move |courrier| courrier.note_device(this)).await?;
        Ok(list.devices.iter().map(convert::device).collect())
    }

    /// Gives one of them another name.
    ///
    /// # Errors
    /// `device.not_found`, `input.device_name`.
    pub async fn rename_device(self: &Arc<Self>, id: &str, name: &str) -> Result<Vec<DeviceView>, AppError> {
        let name = name.trim();
        if !registration::is_device_name(name) {
            return Err(ServerError::DeviceName.into());
        }
        let change = DeviceChange { name: name.to_owned() };
        let answer = self.send(&Call::patch(&device_path(id)?, &change)?).await;
        found(answer)?;
        self.devices().await
    }

    /// Takes a computer's access away, at once and for good; its next sign-in makes it another one.
    ///
    /// # Errors
    /// `device.not_found`.
    pub async fn revoke_device(self: &Arc<Self>, id: &str) -> Result<Vec<DeviceView>, AppError> {
        let answer = self.send(&Call::delete(&device_path(id)?)).await;
        found(answer)?;
        self.devices().await
    }

    /// Notes which computers have signed in as this person since this one last looked: somebody who knows the password
    /// could be at one of them. To a computer that asks for the first time those are new that came after it.
    pub(crate) async fn look_for_newcomers(self: &Arc<Self>) -> Result<(), AppError> {
        let list: DeviceList = self.call(&Call::get(path::DEVICES)).await?;
        self.blocking(move |courrier| {
            let Some(this) = list.devices.iter().find(|device| device.current) else { return Ok(()) };
            let (known, unseen) = (courrier.known_devices()?, courrier.newcomers()?);
            let is_news = |device: &&Device| match &known {
                _ if unseen.iter().any(|unseen| unseen.id == device.id) => true,
                Some(known) => !known.contains(&device.id),
                None => device.created_at > this.created_at,
            };
            let others = list.devices.iter().filter(|device| !device.current && device.revoked_at.is_none());
            // In this order: who is known and was not noted as new would never be shown.
            courrier.note_newcomers(&others.filter(is_news).cloned().collect::<Vec<_>>())?;
            courrier.note_devices(&list.devices.iter().map(|device| device.id).collect::<Vec<_>>())
        })
        .await
    }

    /// The person has seen that this computer has signed in as them.
    ///
    /// # Errors
    /// `device.not_found` where `id` can't be one.
    pub fn see_newcomer(&self, id: &str) -> Result<(), AppError> {
        let id: DeviceId = id.parse().map_err(|_| ServerError::DeviceNotFound)?;
        let mut unseen = self.newcomers()?;
        unseen.retain(|device| device.id != id);
        self.note_newcomers(&unseen)
    }

    fn note_device(&self, device: Option<Device>) -> Result<(), AppError> {
        match self.profile()? {
            Some(profile) if device.is_some() => self.note_profile(&Profile { device, ..profile }),
            _ => Ok(()),
        }
    }

    /// One call, and its message.
    pub(crate) async fn call<T: serde::de::DeserializeOwned>(self: &Arc<Self>, call: &Call<'_>) -> Result<T, AppError> {
        let api = self.blocking(Self::connect).await?;
        self.judged(api.ask(call).await).await
    }

    /// One call whose answer says nothing more.
    async fn send(self: &Arc<Self>, call: &Call<'_>) -> Result<(), AppError> {
        let api = self.blocking(Self::connect).await?;
        self.judged(api.send(call).await.map(drop)).await
    }

    async fn judged<T>(self: &Arc<Self>, answer: Result<T, ServerError>) -> Result<T, AppError> {
        if let Err(error) = &answer {
            self.ended_by(error.clone()).await;
        }
        Ok(answer?)
    }
}

/// An id that can't be one is that of no device.
fn device_path(id: &str) -> Result<String, ServerError> {
    let id: DeviceId = id.trim().parse().map_err(|_| ServerError::DeviceNotFound)?;
    Ok(format!("{}/{id}", path::DEVICES))
}

fn found(answer: Result<(), AppError>) -> Result<(), AppError> {
    match answer {
        Err(AppError::Server(ServerError::Refused(ErrorCode::NotFound))) => Err(ServerError::DeviceNotFound.into()),
        answer => answer,
    }
}
