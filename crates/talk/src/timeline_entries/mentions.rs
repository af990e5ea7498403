//! Finding the objects that a text mentions: ids in any spelling, as in `ISS-7` or
//! `[ISS-7](don:…)`.

use worksmith_engine::Tx;
use worksmith_fields::schemas::leaf;
use worksmith_kernel::Result;
use worksmith_wire::{Id, Kind, OrgName};

use super::reach;

/// How many different ids of a text are looked up.
const MENTIONS_MAX: usize = 100;

/// The kinds of object that can be mentioned.
const MENTIONABLE: &[Kind] = &[
    Kind::Account,
    Kind::Capability,
    Kind::Comment,
    Kind::CustomObject,
    Kind::DevUser,
    Kind::Enhancement,
    Kind::Feature,
    Kind::Group,
    Kind::Issue,
    Kind::Linkable,
    Kind::Opportunity,
    Kind::Product,
    Kind::RevOrg,
    Kind::RevUser,
    Kind::Runnable,
    Kind::ServiceAccount,
    Kind::SysUser,
    Kind::Tag,
    Kind::Task,
    Kind::Ticket,
];

/// The objects that a text mentions and that the author sees, each once, in the order of the text.
pub(super) async fn of(tx: &mut Tx, text: &str) -> Result<Vec<Id>> {
    let mut ids = Vec::new();
    for id in ids_in(text, &tx.cx().org) {
        let id = leaf::resolve(tx, id).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    reach::seen(tx, &ids).await
}

/// The ids in a text that can be mentions, each spelling once.
pub fn ids_in(text: &str, org: &OrgName) -> Vec<Id> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '/');
    let mut ids = Vec::new();
    for word in text.split(|c| !is_part(c)) {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if word.starts_with("don:") {
            add(&mut ids, word, org);
        } else {
            word.split([':', '/']).filter(|word| is_display_id(word)).for_each(|word| {
                add(&mut ids, word, org);
            });
        }
    }
    ids
}

fn add(ids: &mut Vec<Id>, word: &str, org: &OrgName) {
    if ids.len() >= MENTIONS_MAX {
        return;
    }
    let id = Id::parse(word, org).ok().filter(|id| MENTIONABLE.contains(&id.kind()));
    ids.extend(id.filter(|id| !id.local().is_empty() && !ids.contains(id)));
}

/// Whether a word looks like a display id. In a text, only capital letters make a prefix.
fn is_display_id(word: &str) -> bool {
    word.split_once('-').is_some_and(|(prefix, local)| {
        !prefix.is_empty() && !local.is_empty() && prefix.bytes().all(|b| b.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let org = OrgName { partition: "dvrv-us-1".into(), org: "Ab3x".into() };
        ids_in(text, &org).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ids_are_found_in_any_spelling() {
        let link = "see [ISS-7](don:core:dvrv-us-1:devo/Ab3x:issue/7), ISS-7's twin TKT-9.";
        assert_eq!(found(link), ["issue/7", "ticket/9"]);
        assert_eq!(found("https://example.org/x/PROD-2?y=1"), ["product/2"]);
        assert_eq!(found("(don:identity:dvrv-us-1:devo/Ab3x:devu/3)"), ["dev_user/3"]);
        let reply = "don:core:dvrv-us-1:devo/Ab3x:issue/7:comment/1:comment/2";
        assert_eq!(found(reply), ["timeline_comment/timeline_comment/issue/7:1:2"]);
        assert_eq!(found("C-DEAL-4 and C-DEAL-4"), ["custom_object/DEAL-4"]);
    }

    #[test]
    fn other_words_are_no_mentions() {
        for text in [
            "",
            "UTF-8",
            "iss-7",
            "Iss-7",
            "ISS-",
            "-7",
            "ISS-07",
            "STAGE-3",
            "e-mail",
            "ISSUE-7",
            "don:core:dvrv-us-1:devo/Other:issue/7",
            "don:",
            "ISS - 7",
            "ISS–7",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_number_of_mentions_is_bounded() {
        let many: Vec<_> = (1..500).map(|n| format!("ISS-{n}")).collect();
        assert_eq!(found(&many.join(" ")).len(), MENTIONS_MAX);
        assert_eq!(found(&many.join("/")).len(), MENTIONS_MAX);
    }
}
