//! The log: a file in the data folder, for whoever looks for the cause of a fault.
//!
//! What our own crates say at level info, and what others warn of; nothing of what a server or a person said, so that
//! no secret can be in it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// At this size, in bytes, the file is put aside at the next start; the one put aside before goes.
const FULL: u64 = 1 << 20;

/// Starts the log. Where the folder can't be written there is none: the program works without.
pub(crate) fn start(home: Option<&Path>) {
    let Some(file) = home.and_then(|home| open(home).ok()) else { return };
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    let levels = Targets::new().with_default(LevelFilter::WARN).with_target("courrier", LevelFilter::INFO);
    // Refused only if there is a log already.
    let _ = tracing_subscriber::registry().with(lines).with(levels).try_init();
    log_panics();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
}

/// Where a panic happened; not its message, which may quote what it was about.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
        usual(panic);
    }));
}

fn open(home: &Path) -> io::Result<File> {
    let mut builder = std::fs::DirBuilder::new();
    // As the store makes it, which comes later.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(home)?;
    let file = home.join("courrier.log");
    if std::fs::metadata(&file).is_ok_and(|metadata| metadata.len() > FULL) {
        std::fs::rename(&file, home.join("courrier.log.old"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside_and_only_the_person_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("courrier.log");
        File::create(&file).unwrap().set_len(FULL + 1).unwrap();
        drop(open(folder.path()).unwrap());
        assert_eq!(std::fs::metadata(&file).unwrap().len(), 0);
        assert_eq!(std::fs::metadata(folder.path().join("courrier.log.old")).unwrap().len(), FULL + 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
