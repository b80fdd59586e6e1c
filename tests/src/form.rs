//! The form on an issuer's page, as far as signing in needs it.

/// What a browser would send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where to; the page's own address if it names none.
    pub(crate) action: Option<String>,
    /// Names and values, with the first button of several.
    pub(crate) fields: Vec<(String, String)>,
}

/// The first form of a page that is sent by POST.
pub(crate) fn first(page: &str) -> Option<Form> {
    page.match_indices("<form").find_map(|(start, _)| {
        let form = &page[start..];
        let form = &form[..form.find("</form>").unwrap_or(form.len())];
        let head = tag(form);
        attribute(head, "method")
            .is_some_and(|method| method.eq_ignore_ascii_case("post"))
            .then(|| Form { action: attribute(head, "action"), fields: fields(form) })
    })
}

fn fields(form: &str) -> Vec<(String, String)> {
    let mut pressed = false;
    let mut fields = Vec::new();
    for (start, _) in form.match_indices('<') {
        let tag = tag(&form[start..]);
        let is_button = tag.starts_with("<button") || attribute(tag, "type").is_some_and(|kind| kind == "submit");
        if !(tag.starts_with("<input") || is_button) {
            continue;
        }
        if is_button && std::mem::replace(&mut pressed, true) {
            continue;
        }
        if let Some(name) = attribute(tag, "name") {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    fields
}

/// From `<` to the next `>`; the pages of both issuers have none inside of a value.
fn tag(text: &str) -> &str {
    &text[..text.find('>').unwrap_or(text.len())]
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.match_indices(name).find_map(|(at, _)| {
        let apart = tag[..at].ends_with(char::is_whitespace);
        tag[at + name.len()..].strip_prefix("=\"").filter(|_| apart)
    })?;
    let value = &start[..start.find('"')?];
    let replaced = [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    Some(replaced.iter().fold(value.to_owned(), |value, (name, sign)| value.replace(name, sign)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_its_fields_and_one_button() {
        let page = "<form action=\"/search\"><input name=\"q\"></form>\n\
            <form id=\"login\" action=\"/a?b=1&amp;c=2\"\n method=\"post\">\n <input id=\"u\" name=\"username\" value=\"\">\
            <input\n name=\"hidden\" type=\"hidden\" value=\"x &amp; y\"><p name=\"no\"></p>\
            <button type=\"submit\" name=\"accept\" value=\"yes\">Yes</button><button name=\"cancel\">No</button></form>";
        let pairs = [("username", ""), ("hidden", "x & y"), ("accept", "yes")];
        let fields = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(first(page), Some(Form { action: Some("/a?b=1&c=2".into()), fields }));
        assert_eq!(first("<p>Done</p>"), None);
    }
}
