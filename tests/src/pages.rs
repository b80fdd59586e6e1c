//! An issuer's own pages, filled in as a person would.

use url::Url;

use crate::form;
use crate::http::{Answer, Http};
use crate::issuer::Person;

/// More pages than signing in has at any issuer.
const PAGES: usize = 20;

/// Follows redirects and fills in forms until the issuer sends the browser to an address that `arrived` knows, or
/// shows a page without a form. The last answer is returned, its redirect not followed.
///
/// # Panics
/// If the issuer refuses the password, or there is no end to its pages.
pub(crate) fn walk(http: &mut Http, start: &Url, person: &Person, arrived: impl Fn(&Url) -> bool) -> Answer {
    let mut answer = http.get(start);
    let mut typed = false;
    for _ in 0..PAGES {
        if let Some(next) = &answer.location {
            if arrived(next) {
                return answer;
            }
            answer = http.get(&next.clone());
            continue;
        }
        let Some(mut form) = form::first(&answer.body) else { return answer };
        for (name, value) in &mut form.fields {
            let own = match name.as_str() {
                "username" => &person.username,
                "password" => &person.password,
                _ => continue,
            };
            assert!(!typed || name != "password", "{} is refused: {}", person.username, answer.body);
            own.clone_into(value);
        }
        typed |= form.fields.iter().any(|(name, _)| name == "password");
        let action = match form.action {
            Some(action) => answer.url.join(&action).expect("a form has an address"),
            None => answer.url,
        };
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        answer = http.post_form(&action, &fields, &[]);
    }
    panic!("no end of pages: {}", answer.url)
}
