//! Reactions to comments. A comment's document has them.

use worksmith_engine::{Audience, Op, OpTable, Tx};
use worksmith_kernel::{Cursor, Result, Value};
use worksmith_wire::common::Empty;
use worksmith_wire::reactions::{Action, ListRequest, ListResponse, UpdateRequest};
use worksmith_wire::{ApiError, Id, PageRequest};

use crate::timeline_entries::{self, Comment, Reaction};

/// Short names and code points, each with a space and the code points of the emoji, which are left
/// out if they are the same. Made by `build.rs`.
const EMOJIS: &str = include_str!(concat!(env!("OUT_DIR"), "/emojis.txt"));
/// The character that asks for the picture rather than the text.
const PICTURE: char = '\u{fe0f}';
/// How many characters of what is no emoji an error shows.
const SHOWN_MAX: usize = 32;

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::write("reactions.update", "reaction")), update);
    table.add(everyone(Op::read("reactions.list", "reaction")), list);
}

/// Reacting twice with one emoji counts once. It is no change of what the comment says, so the date
/// and the author of that stay.
async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<Empty> {
    let UpdateRequest { action, emoji, object } = request;
    let emoji = code_points(&emoji.0)?;
    let old = timeline_entries::find(tx, &object).await?;
    let caller = tx.cx().actor.id.clone();
    let mut comment = old.doc.clone();
    let place = comment.reactions.iter().position(|reaction| reaction.emoji == emoji);
    match (action, place) {
        (Action::Add, Some(place)) => {
            let users = &mut comment.reactions[place].users;
            if !users.contains(&caller) {
                users.push(caller);
            }
        }
        (Action::Add, None) => comment.reactions.push(Reaction { emoji, users: vec![caller] }),
        (Action::Remove, Some(place)) => {
            comment.reactions[place].users.retain(|user| *user != caller);
            comment.reactions.retain(|reaction| !reaction.users.is_empty());
        }
        (Action::Remove, None) => {}
    }
    let modified = (old.meta.modified_at, old.meta.modified_by.clone());
    tx.update_as::<Comment>(old, comment, Some(modified)).await?;
    Ok(Empty {})
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { cursor, emoji, limit, object } = request;
    let emoji = code_points(&emoji.0)?;
    let comment = timeline_entries::find(tx, &object).await?.doc;
    let reaction = comment.reactions.into_iter().find(|reaction| reaction.emoji == emoji);
    let users = reaction.map(|reaction| reaction.users).unwrap_or_default();
    let binding = tx.cx().binding.clone();
    let begin = match cursor {
        Some(cursor) => place(&users, &cursor, &binding)?,
        None => 0,
    };
    let limit = PageRequest { cursor: None, limit, mode: None }.limit();
    let rest = users.get(begin..).unwrap_or_default();
    let shown = &rest[..limit.min(rest.len())];
    let x = tx.expand(shown.to_vec()).await?;
    let end = begin + shown.len();
    let last = shown.last().filter(|_| end < users.len());
    let next_cursor =
        last.map(|last| Cursor::new(&binding, vec![Value::from(end as u64), last.into()]).encode());
    Ok(ListResponse { reactors: x.embed_all(shown), next_cursor })
}

/// Where a page begins that a cursor leads to: after the last person of the page before. If that
/// one has taken the reaction back, those after have moved up by one.
fn place(users: &[Id], cursor: &str, binding: &str) -> Result<usize> {
    let key = Cursor::decode(cursor, binding, 2)?.into_key();
    let [Value::Integer(end), Value::Text(last)] = key.as_slice() else {
        return Err(Cursor::foreign().into());
    };
    let known = users.iter().position(|user| user.to_string() == *last);
    let end = usize::try_from(*end).unwrap_or(0);
    Ok(known.map_or(end.saturating_sub(1), |known| known + 1))
}

/// The code points of an emoji, given by them, by its short name, or as it is: `1f44d`.
fn code_points(given: &str) -> Result<String> {
    let name = given.trim_matches(':');
    let by_points = || {
        let points = name.split('-').map(|point| u32::from_str_radix(point, 16).ok());
        let text: Option<String> = points.map(|point| char::from_u32(point?)).collect();
        text.and_then(|text| look_up(&plain_points(&text)))
    };
    let by_itself = || look_up(&plain_points(given));
    look_up(name).or_else(by_points).or_else(by_itself).ok_or_else(|| {
        let given: String = given.chars().take(SHOWN_MAX).collect();
        let message = format!("emoji: {given:?} is neither the name nor the code points of one");
        ApiError::not_permitted("emoji", message).into()
    })
}

/// The code points of a text without the characters that ask for a picture.
fn plain_points(text: &str) -> String {
    let plain = text.chars().filter(|c| *c != PICTURE);
    let points: Vec<_> = plain.map(|c| format!("{:x}", u32::from(c))).collect();
    points.join("-")
}

/// The code points of the emoji with a short name or with these plain code points.
fn look_up(key: &str) -> Option<String> {
    if key.contains(char::is_whitespace) {
        return None;
    }
    let (_, rest) = EMOJIS.split_once(&format!("\n{key} "))?;
    let points = rest.lines().next().filter(|points| !points.is_empty());
    Some(points.unwrap_or(key).to_owned())
}

#[cfg(test)]
mod tests {
    use super::code_points;

    #[test]
    fn an_emoji_has_one_spelling() {
        for (given, points) in [
            ("joy", "1f602"),
            (":joy:", "1f602"),
            ("1f602", "1f602"),
            ("1F602", "1f602"),
            ("😂", "1f602"),
            ("+1", "1f44d"),
            ("thumbsup", "1f44d"),
            ("100", "1f4af"),
            ("2764", "2764-fe0f"),
            ("2764-fe0f", "2764-fe0f"),
            ("heart", "2764-fe0f"),
            ("1f44d-1f3fd", "1f44d-1f3fd"),
            ("1f44d-fe0f", "1f44d"),
            ("1F468-200D-1F4BB", "1f468-200d-1f4bb"),
            ("keycap_ten", "1f51f"),
            ("#️⃣", "23-fe0f-20e3"),
        ] {
            assert_eq!(code_points(given).unwrap(), points, "{given}");
        }
    }

    #[test]
    fn other_texts_are_no_emojis() {
        for given in [
            "",
            "x y",
            "no_such_name",
            "41",
            "110000",
            "d800",
            "-",
            "::",
            "1f602-",
            "fe0f",
            "jo",
            "joy\njoystick",
        ] {
            assert!(code_points(given).is_err(), "{given}");
        }
    }
}
