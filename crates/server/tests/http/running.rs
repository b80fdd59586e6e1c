//! A server on a free port with a database of its own.

use courrier_server::Server;
use courrier_server::config::{Config, Settings};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::desktop::Desktop;
use crate::issuer::Issuer;

pub struct Running {
    pub url: String,
    pub issuer: Issuer,
    stop: Option<oneshot::Sender<()>>,
    stopped: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Running {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let issuer = Issuer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            listen: Some("127.0.0.1:0".parse().unwrap()),
            data: Some(folder.path().to_owned()),
            issuer: Some(issuer.name().to_owned()),
            ..Settings::default()
        };
        change(&mut settings);
        let server = Server::bind(Config::from_settings(settings).unwrap()).await.unwrap();
        let url = format!("http://{}", server.address());
        let (stop, told) = oneshot::channel();
        let run = server.run(async {
            // A dropped sender stops the server as well.
            let _ = told.await;
        });
        Self { url, issuer, stop: Some(stop), stopped: Some(tokio::spawn(run)), _folder: folder }
    }

    /// A desktop that is signed in and not registered.
    pub fn stranger(&self, subject: &str) -> Desktop {
        Desktop::new(&self.url, self.issuer.token(subject))
    }

    /// A registered one.
    pub async fn desktop(&self, subject: &str) -> Desktop {
        self.stranger(subject).registered().await
    }

    /// Tells the server to stop, as SIGTERM does.
    pub fn stop(&mut self) -> JoinHandle<()> {
        drop(self.stop.take());
        self.stopped.take().unwrap()
    }
}
