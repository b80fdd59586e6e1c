//! What a person does, at random. Each edit types a word that was never typed before, so that it can be looked for.

use courrier_model::{AccountDraft, AccountEdit, AccountId, Address, AuthKind, Endpoint, EndpointSpec};
use courrier_store::{LocalCopy, NewSecret, Purpose, SaveAccount, Storage, StoreError, Target};
use courrier_wire::Theme;
use rand::Rng;

use super::server::Server;
use super::world::World;

/// Two spellings of one mailbox among them.
const ADDRESSES: [&str; 6] =
    ["a@x.test", "b@x.test", "B@X.test", "c@m\u{fc}ller.test", "C@xn--mller-kva.test", "d@x.test"];

/// One thing, on one device.
pub(super) fn edit<S: Server>(world: &mut World<S>, number: usize) -> Result<(), String> {
    world.roll_death(number);
    let result = match world.random.random_range(0..100) {
        0..24 => add(world, number),
        24..44 => rename(world, number),
        44..56 => endpoint(world, number),
        56..64 => readdress(world, number),
        64..72 => remove(world, number),
        72..76 => hide(world, number),
        76..79 => undo(world, number),
        79..85 => preferences(world, number),
        85..89 => primary(world, number),
        89..93 => restore_version(world, number),
        93..97 => travels(world, number),
        _ => sign_out(world, number),
    };
    if let Some(device) = world.devices.get(number) {
        device.die_at(None);
    }
    world.have_removed(number);
    match result {
        // What a person is told, and lives with.
        Err(StoreError::AddressTaken { .. } | StoreError::NotFound) => Ok(()),
        result => world.after_store(number, result),
    }
}

type Done = Result<(), StoreError>;

fn server_for(token: &str) -> Result<Endpoint, StoreError> {
    let unfit = |_| StoreError::Corrupt("a word that is no host".to_owned());
    let spec: EndpointSpec = format!("{token}.test:993/tls").parse().map_err(unfit)?;
    Ok(spec.with(token.parse().map_err(unfit)?, AuthKind::Password))
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("{text} can't be meant")))
}

/// Under which two spellings of an address meet.
pub(super) fn key(address: &str) -> Option<String> {
    address.parse::<Address>().ok().map(|address| address.key())
}

fn add<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(address) = world.pick(&ADDRESSES) else { return Ok(()) };
    let token = world.ledger.fresh();
    let primary = world.random.random_bool(0.2);
    let draft = AccountDraft {
        address: parsed(address)?,
        name: parsed(&token)?,
        color: None,
        primary,
        imap: server_for(&format!("imap-{token}"))?,
        smtp: server_for("smtp")?,
        identities: Vec::new(),
    };
    let with_secret = world.random.random_bool(0.5);
    let now = world.now(number);
    world.note(|| format!("{number} adds {address} as {token}"));
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let mut request = SaveAccount::new(Target::New(draft), now);
    if with_secret {
        let id = device.store.begin_write(Storage::Keyring, now)?;
        request.secrets.push(NewSecret { purpose: Purpose::Incoming, id });
    }
    let saved = device.store.save(request);
    world.typed(number, &token);
    saved.map(drop)
}

fn change<S: Server>(world: &mut World<S>, number: usize, account: AccountId, edit: AccountEdit, token: &str) -> Done {
    let now = world.now(number);
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let saved = device.store.save(SaveAccount::new(Target::Existing(account, edit), now));
    world.typed(number, token);
    saved.map(drop)
}

fn rename<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    let token = world.ledger.fresh();
    world.note(|| format!("{number} calls {account} {token}"));
    change(world, number, account, AccountEdit { name: Some(parsed(&token)?), ..AccountEdit::default() }, &token)
}

fn endpoint<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    let token = world.ledger.fresh();
    world.note(|| format!("{number} sends {account} to {token}"));
    let edit = match world.random.random() {
        true => AccountEdit { imap: Some(server_for(&token)?), ..AccountEdit::default() },
        false => AccountEdit { smtp: Some(server_for(&token)?), ..AccountEdit::default() },
    };
    change(world, number, account, edit, &token)
}

/// A new address, and a name with it so that there is a word to look for.
fn readdress<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let (Some(account), Some(address)) = (world.some_account(number), world.pick(&ADDRESSES)) else { return Ok(()) };
    let token = world.ledger.fresh();
    world.note(|| format!("{number} gives {account} the address {address} and the name {token}"));
    // An account that is being removed makes way: that ends its removal.
    let key = key(address);
    world.about_to_remove(number, |account| account.hidden && Some(&account.key) == key.as_ref());
    let edit = AccountEdit { address: Some(parsed(address)?), name: Some(parsed(&token)?), ..AccountEdit::default() };
    change(world, number, account, edit, &token)
}

fn remove<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    world.note(|| format!("{number} removes {account}"));
    let now = world.now(number);
    world.about_to_remove(number, |one| one.id == account);
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let removed = device.store.remove(account, now);
    world.tally.removals += 1;
    removed.map(drop)
}

fn hide<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    world.note(|| format!("{number} begins to remove {account}"));
    let now = world.now(number);
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    device.store.begin_removal(account, now)
}

/// Undoes a removal that was begun, or finishes all.
fn undo<S: Server>(world: &mut World<S>, number: usize) -> Done {
    if world.random.random() {
        return end_removals(world, number);
    }
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let hidden = device.store.removals_due(courrier_model::Timestamp::MAX)?;
    let Some(account) = world.pick(&hidden) else { return Ok(()) };
    world.note(|| format!("{number} brings {account} back"));
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    device.store.undo_removal(account)
}

fn end_removals<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let later = courrier_model::Timestamp::MAX;
    for account in device.store.removals_due(later)? {
        world.note(|| format!("{number} has removed {account}"));
        world.about_to_remove(number, |one| one.id == account);
        world.tally.removals += 1;
        if let Some(device) = world.devices.get(number) {
            device.store.finish_removal(account, later)?;
        }
    }
    Ok(())
}

/// The time to undo is over.
pub(super) fn finish_removals<S: Server>(world: &mut World<S>, number: usize) -> Result<(), String> {
    let ended = end_removals(world, number).map_err(|error| error.to_string());
    world.have_removed(number);
    ended
}

fn preferences<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let now = world.now(number);
    let seconds = world.random.random_range(5..600);
    let theme = world.pick(&[Theme::Light, Theme::Dark, Theme::System]);
    let which: bool = world.random.random();
    world.note(|| format!("{number} prefers {theme:?} or {seconds}"));
    world.tally.edits += 1;
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let edited = device.store.edit_preferences(now, |preferences| match which {
        true => preferences.theme = theme,
        false => preferences.clipboard_seconds = Some(seconds),
    });
    edited.map(drop)
}

fn primary<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    world.note(|| format!("{number} makes {account} primary"));
    let now = world.now(number);
    let choice = world.random.random_bool(0.8);
    let edit = AccountEdit { primary: Some(choice), ..AccountEdit::default() };
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    device.store.save(SaveAccount::new(Target::Existing(account, edit), now)).map(drop)
}

fn restore_version<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let versions = device.store.versions(account.into(), 50)?;
    let Some(version) = world.pick(&versions) else { return Ok(()) };
    world.note(|| format!("{number} puts {account} back to version {}", version.sequence));
    let now = world.now(number);
    world.ledger.typed_again(account);
    if let Some(address) = version.body.get("address").and_then(|address| address.as_str()) {
        let key = key(address);
        world.about_to_remove(number, |one| one.hidden && Some(&one.key) == key.as_ref());
    }
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    device.store.restore_version(account, version.sequence, now).map(drop)
}

fn travels<S: Server>(world: &mut World<S>, number: usize) -> Done {
    let Some(account) = world.some_account(number) else { return Ok(()) };
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    let travels = !device.store.travelling()?.contains(&account);
    world.note(|| format!("{number} lets {account} travel: {travels}"));
    if travels {
        world.now_travels(number, account);
    } else {
        world.about_to_remove(number, |one| one.id == account);
    }
    let Some(device) = world.devices.get(number) else { return Ok(()) };
    device.store.set_travels(account, travels).map(drop)
}

fn sign_out<S: Server>(world: &mut World<S>, number: usize) -> Done {
    world.note(|| format!("{number} signs out"));
    let now = world.now(number);
    let Some(device) = world.devices.get_mut(number) else { return Ok(()) };
    device.give_up();
    device.store.sign_out(LocalCopy::Keep, now).map(drop)
}
