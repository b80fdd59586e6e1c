//! Fills a data folder with accounts, for benches: `fill HOME N`. A quarter have a name with accents, a
//! tenth an internationalised domain, a tenth a second identity, half a checked health.
#![allow(clippy::print_stderr)]

use std::error::Error;
use std::path::Path;

use courrier_model::{
    AccountDraft, AuthKind, CheckId, Endpoint, EndpointSpec, Identity, ProblemCode, Timestamp, Username,
};
use courrier_store::{NewCheck, SaveAccount, Store, Target};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(home), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("usage: fill HOME N".into());
    };
    let count: u32 = count.parse()?;
    let store = Store::open(Path::new(&home))?;
    for number in 0..count {
        store.save(account(number)?)?;
    }
    eprintln!("{} accounts", store.accounts()?.len());
    Ok(())
}

fn account(number: u32) -> Result<SaveAccount, Box<dyn Error>> {
    let company = number % 40;
    let domain = match number % 10 {
        3 => format!("b\u{fc}cher{company}.example"),
        _ => format!("company{company}.example"),
    };
    let address = format!("person{number}@{domain}");
    let name = if number.is_multiple_of(4) { format!("H\u{e9}l\u{e8}ne {number}") } else { format!("Person {number}") };
    let identities = match number % 10 {
        7 => vec![Identity { address: format!("sales{number}@{domain}").parse()?, name: "Sales".parse()? }],
        _ => Vec::new(),
    };
    let draft = AccountDraft {
        imap: endpoint(&format!("imap.{domain}:993/tls"), &address)?,
        smtp: endpoint(&format!("smtp.{domain}:465/tls"), &address)?,
        address: address.parse()?,
        name: name.parse()?,
        color: None,
        primary: false,
        identities,
    };
    let now = Timestamp::from_second(1_750_000_000 + i64::from(number))?;
    let mut save = SaveAccount::new(Target::New(draft), now);
    if number.is_multiple_of(2) {
        let ok = !number.is_multiple_of(6);
        let problem_code = if ok { None } else { Some(ProblemCode::AuthRejected) };
        save.check = Some(NewCheck { id: CheckId::random(), at: now, report_json: "{}".to_owned(), ok, problem_code });
    }
    Ok(save)
}

fn endpoint(spec: &str, username: &str) -> Result<Endpoint, Box<dyn Error>> {
    Ok(spec.parse::<EndpointSpec>()?.with(username.parse::<Username>()?, AuthKind::Password))
}
