//! A desktop's panel with a tray, as Xfce has it, and what programs put there.

use std::fs;
use std::process::Stdio;

use tempfile::TempDir;
use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::process::{RunAs, Server, command};
use crate::{Display, KeyringSession};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// Where the panel's settings are kept, and where a bus would find the program that does.
const SETTINGS: &str = "org.xfce.Xfconf";
const SETTINGS_FILE: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";

/// What a menu is on the bus: an entry's number, its properties, and the entries below it.
type Layout = (i32, std::collections::HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// An icon's name, its pictures, a title and a description.
type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);

/// A running panel with a tray (`StatusNotifierItem`) at the top of a display. Ended on drop.
#[derive(Debug)]
pub struct Panel {
    bus: Connection,
    // Ended before the program that keeps its settings.
    _panel: Server,
    _settings: Server,
    _folder: TempDir,
}

impl Panel {
    /// Starts it.
    ///
    /// # Panics
    /// If xfce4-panel is not installed or does not start.
    pub fn start(session: &KeyringSession, display: &Display) -> Self {
        let folder = tempfile::Builder::new().prefix("courrier-panel-").tempdir().expect("a temporary folder");
        let start = |name: &str, program: &str, arguments: &[&str]| {
            let mut command = command(program, RunAs::Caller, None);
            command.args(arguments).envs(session.environment()).envs(display.environment());
            // Settings of its own, and no bus for assistive technology, which would outlive it.
            command.env("XDG_CONFIG_HOME", folder.path()).env("HOME", folder.path()).env("NO_AT_BRIDGE", "1");
            Server::spawn(name, command.stdin(Stdio::null()), RunAs::Caller, folder.path())
        };
        let file = fs::read_to_string(SETTINGS_FILE).unwrap_or_else(|e| panic!("{SETTINGS_FILE}: {e}"));
        let program = file.lines().find_map(|line| line.strip_prefix("Exec=")).expect("a service names its program");
        let bus = session.connect();
        let mut settings = start("xfconfd", program.trim(), &[]);
        settings.wait_for(|_| has_owner(&bus, SETTINGS)).unwrap_or_else(|why| panic!("{why}"));
        let mut panel = start("xfce4-panel", "xfce4-panel", &["--disable-wm-check"]);
        panel.wait_for(|_| has_owner(&bus, WATCHER)).unwrap_or_else(|why| panic!("{why}"));
        Self { bus, _panel: panel, _settings: settings, _folder: folder }
    }

    /// What a program put into the tray, by the name it gave it; `None` if there is no such thing.
    pub fn item(&self, id: &str) -> Option<TrayItem> {
        let watcher = Proxy::new(&self.bus, WATCHER, "/StatusNotifierWatcher", WATCHER).expect("plain names");
        let items: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems").ok()?;
        let items = items.iter().filter_map(|item| {
            let (service, path) = item.split_at(item.find('/')?);
            Some(TrayItem { bus: self.bus.clone(), service: service.to_owned(), path: path.to_owned() })
        });
        items.into_iter().find(|item| item.property::<String>("Id").as_deref() == Some(id))
    }
}

/// An icon in the tray, as the panel knows it.
#[derive(Debug)]
pub struct TrayItem {
    bus: Connection,
    service: String,
    path: String,
}

impl TrayItem {
    /// `Passive`, `Active` or `NeedsAttention`.
    pub fn status(&self) -> Option<String> {
        self.property("Status")
    }

    /// What stands under the pointer when it rests on the icon.
    pub fn tool_tip(&self) -> Option<String> {
        let (_, _, _, description): ToolTip = self.property("ToolTip")?;
        Some(description)
    }

    /// Clicks on the icon.
    pub fn click(&self) {
        self.proxy("org.kde.StatusNotifierItem").call::<_, _, ()>("Activate", &(0, 0)).expect("it takes a click");
    }

    /// What its menu says, separators left out.
    pub fn menu(&self) -> Vec<String> {
        self.entries().into_iter().map(|(_, label)| label).collect()
    }

    /// Chooses from its menu.
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn choose(&self, label: &str) {
        let entries = self.entries();
        let (number, _) =
            entries.iter().find(|(_, known)| known == label).unwrap_or_else(|| panic!("{label}: {entries:?}"));
        let chosen = (*number, "clicked", Value::from(0), 0_u32);
        self.menu_proxy().call::<_, _, ()>("Event", &chosen).expect("it takes a choice");
    }

    fn entries(&self) -> Vec<(i32, String)> {
        let asked = (0, -1, vec!["label"]);
        let (_, (_, _, entries)): (u32, Layout) =
            self.menu_proxy().call("GetLayout", &asked).unwrap_or_else(|error| panic!("{error}"));
        let entries = entries.into_iter().filter_map(|entry| Layout::try_from(entry).ok());
        let labelled = entries.filter_map(|(number, mut facts, _)| {
            let label = String::try_from(facts.remove("label")?).ok()?;
            // One underscore marks the letter to press.
            Some((number, label.replace("__", "_")))
        });
        labelled.collect()
    }

    fn menu_proxy(&self) -> Proxy<'_> {
        let path: OwnedObjectPath = self.property("Menu").expect("it has a menu");
        Proxy::new(&self.bus, self.service.clone(), path, "com.canonical.dbusmenu").expect("plain names")
    }

    fn property<T: TryFrom<OwnedValue>>(&self, name: &str) -> Option<T>
    where
        T::Error: Into<zbus::Error>,
    {
        self.proxy("org.kde.StatusNotifierItem").get_property(name).ok()
    }

    fn proxy(&self, interface: &'static str) -> Proxy<'_> {
        Proxy::new(&self.bus, self.service.clone(), self.path.clone(), interface).expect("plain names")
    }
}

impl KeyringSession {
    /// A connection to its bus.
    pub(crate) fn connect(&self) -> Connection {
        let address = self.address();
        connection::Builder::address(address.as_str()).and_then(connection::Builder::build).expect("the bus answers")
    }
}

/// Something if a program has this name on the bus.
pub(crate) fn has_owner(bus: &Connection, name: &str) -> Option<()> {
    let daemon = zbus::blocking::fdo::DBusProxy::new(bus).ok()?;
    daemon.name_has_owner(name.try_into().ok()?).ok()?.then_some(())
}
