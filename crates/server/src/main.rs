//! `courrier-server`: see the library of the same name, and `docs/operating.md`.

mod args;
mod log;
mod operations;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use courrier_server::Server;
use courrier_server::config::{Config, Faults, Settings};
use tracing::{error, info, warn};

use args::{Args, Command};
use operations::OperationError;

fn main() -> ExitCode {
    let args = Args::parse();
    let config = match configuration(args.config.as_deref(), args.settings) {
        Ok(config) => config,
        Err(faults) => return failed(&faults.into()),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match args.command.unwrap_or(Command::Serve) {
            Command::Serve => serve(config).await.map(|()| None),
            Command::CheckConfig => operations::check_config(&config).await.map(Some),
            Command::Migrate => operations::migrate(&config).await.map(Some),
            Command::Backup { file } => operations::backup(&config, &file).await.map(Some),
            Command::Restore { file, force } => operations::restore(&config, &file, force).await.map(Some),
            Command::RenameIssuer { old, new } => operations::rename_issuer(&config, &old, &new).await.map(Some),
        }
    });
    match done {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(words)) => {
            // Whoever closed standard output does not want to know.
            let _ = writeln!(std::io::stdout(), "{words}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn configuration(file: Option<&std::path::Path>, settings: Settings) -> Result<Config, Faults> {
    let far = file.map(Settings::from_file).transpose()?.unwrap_or_default();
    Config::from_settings(settings.or(far))
}

/// Says on standard error what stopped us, also where the log is off.
fn failed(error: &OperationError) -> ExitCode {
    // There is nowhere else to say it.
    let _ = writeln!(std::io::stderr(), "courrier-server: {error}");
    ExitCode::FAILURE
}

async fn serve(config: Config) -> Result<(), OperationError> {
    log::start(config.log);
    raise_file_limit();
    let has_issuer = config.issuer.is_some();
    let server = Server::bind(config).await.inspect_err(|error| error!(%error, "can't start"))?;
    info!(
        version = env!("CARGO_PKG_VERSION"),
        address = %server.address(),
        metrics = server.metrics_address().map(tracing::field::display),
        public_url = server.public_url(),
        "listening"
    );
    if !has_issuer {
        warn!("no issuer is configured, so no call is served: name one with --issuer, COURRIER_ISSUER or in the file");
    }
    let stop = stop_signal()?;
    server.run(stop).await;
    info!("stopped");
    Ok(())
}

/// Ten thousand event streams are as many open files; many systems allow 1,024 unless asked.
fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        // Where a service's description sets both, asking is not even allowed.
        let may_grow = limit.current.is_some() && limit.current != limit.maximum;
        if may_grow && setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).is_err() {
            warn!("the limit of open files can't be raised");
        }
    }
}

/// Done when the system or a person at the terminal wants the server to stop.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
