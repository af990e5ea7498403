//! Pages of several lists that answers show as one, by the times of their entries.
//!
//! Each list has an order of its own, such as that of creation, or of revisions. A page takes the
//! next entry of all lists by the times. A cursor is a place in each of the lists, so no entry is
//! shown twice or left out, even if the clocks of two servers differ.

use std::cmp::Ordering;
use std::collections::VecDeque;

use worksmith_kernel::{ColumnType, Cursor, Result, Value};
use worksmith_store::Edge;
use worksmith_wire::{ListMode, PageRequest, Timestamp};

use super::Tx;

/// The sort key of objects in the order of their creation, as [`Tx::beyond`] has it.
pub const BY_CREATION: &[ColumnType] =
    &[ColumnType::Integer, ColumnType::Integer, ColumnType::Text];

/// Several lists that are shown as one.
pub trait Lists: Sync {
    /// What they show.
    type Entry: Send;

    /// Whether the newest entries come first, in each list and in all together.
    const NEWEST_FIRST: bool;
    /// The sort key of each list. Of entries of the same time, those of earlier lists come first.
    const KEYS: &'static [&'static [ColumnType]];

    /// The entries of a list beyond a place, or from its beginning on; `backwards`, those before
    /// the place, or at its end: at most `limit`, those next to the place, in the order of the
    /// list. And whether there are more.
    fn beyond(
        &self,
        tx: &mut Tx,
        list: usize,
        place: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> impl Future<Output = Result<(Vec<Listed<Self::Entry>>, bool)>> + Send;

    /// Whether the caller sees an entry. Others are left out.
    fn shows(
        &self,
        _tx: &mut Tx,
        _entry: &Self::Entry,
    ) -> impl Future<Output = Result<bool>> + Send {
        async { Ok(true) }
    }
}

/// An entry of a list.
#[derive(Clone, Debug)]
pub struct Listed<E> {
    /// Its sort key in the list.
    pub key: Vec<Value>,
    /// Its time.
    pub at: Timestamp,
    /// What it is.
    pub entry: E,
}

/// A page of several lists.
#[derive(Clone, Debug)]
pub struct MergedPage<E> {
    /// The entries, in the order of all lists together.
    pub entries: Vec<E>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}

/// A place in one list.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Begin,
    End,
    /// Beside the entry with a key.
    Beside {
        key: Vec<Value>,
        is_after: bool,
    },
}

/// What lies on one side of a place.
enum Side {
    Nothing,
    Everything,
    Beyond(Edge),
}

/// Some entries of one list, and whether it has more beyond them.
struct Ahead<E> {
    entries: VecDeque<Listed<E>>,
    more: bool,
}

impl Tx {
    /// A page of several lists.
    pub async fn merged<L: Lists>(
        &mut self,
        lists: &L,
        page: &PageRequest,
    ) -> Result<MergedPage<L::Entry>> {
        let backwards = page.mode == Some(ListMode::Before);
        let binding = self.cx.binding.clone();
        let here = match page.cursor.as_deref() {
            Some(text) => decode(text, &binding, L::KEYS)?,
            None => vec![if backwards { Place::End } else { Place::Begin }; L::KEYS.len()],
        };
        let (entries, there, more) = self.next_to(lists, &here, backwards, page.limit()).await?;
        let less = page.cursor.is_some() && {
            let (near, ..) = self.next_to(lists, &here, !backwards, 1).await?;
            !near.is_empty()
        };
        let (begin, end) = if backwards { (&there, &here) } else { (&here, &there) };
        let (before, after) = if backwards { (more, less) } else { (less, more) };
        let cursor = |places| encode(&binding, L::KEYS, places);
        let (next_cursor, prev_cursor) =
            (after.then(|| cursor(end)), before.then(|| cursor(begin)));
        Ok(MergedPage { entries, next_cursor, prev_cursor })
    }

    /// The entries next to a place in all lists that the caller sees, in order; the place beyond
    /// them; and whether the caller sees any more beyond that.
    async fn next_to<L: Lists>(
        &mut self,
        lists: &L,
        here: &[Place],
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<L::Entry>, Vec<Place>, bool)> {
        let (mut places, mut there) = (here.to_vec(), here.to_vec());
        let mut entries = Vec::new();
        let mut more = false;
        'rounds: loop {
            let mut ahead = Vec::with_capacity(places.len());
            for (list, place) in places.iter().enumerate() {
                let missing = limit + 1 - entries.len();
                let (found, has_more) = match place.side(backwards) {
                    Side::Nothing => (Vec::new(), false),
                    Side::Everything => lists.beyond(self, list, None, backwards, missing).await?,
                    Side::Beyond(edge) => {
                        lists.beyond(self, list, Some(&edge), backwards, missing).await?
                    }
                };
                let more = has_more && !found.is_empty();
                ahead.push(Ahead { entries: found.into(), more });
            }
            // What follows in a list that is used up is unknown until it is read again.
            while !ahead.iter().any(|list| list.more && list.entries.is_empty()) {
                let times = ahead.iter().map(|list| list.next(backwards).map(|next| next.at));
                let Some(list) = first(times, L::NEWEST_FIRST, backwards) else { break 'rounds };
                let Some(Listed { key, entry, .. }) = ahead[list].take(backwards) else { break };
                let is_shown = lists.shows(self, &entry).await?;
                if is_shown && entries.len() == limit {
                    more = true;
                    break 'rounds;
                }
                places[list] = Place::Beside { key, is_after: !backwards };
                if is_shown {
                    entries.push(entry);
                }
                there.clone_from(&places);
            }
        }
        if backwards {
            entries.reverse();
        }
        Ok((entries, there, more))
    }
}

impl<E> Ahead<E> {
    fn next(&self, backwards: bool) -> Option<&Listed<E>> {
        if backwards { self.entries.back() } else { self.entries.front() }
    }

    fn take(&mut self, backwards: bool) -> Option<Listed<E>> {
        if backwards { self.entries.pop_back() } else { self.entries.pop_front() }
    }
}

/// The list that has the entry next to the place, of those that have any.
fn first(
    times: impl Iterator<Item = Option<Timestamp>>,
    newest_first: bool,
    backwards: bool,
) -> Option<usize> {
    let order = |(list, at): &(usize, Timestamp), (other, other_at): &(usize, Timestamp)| {
        let by_time = if newest_first { other_at.cmp(at) } else { at.cmp(other_at) };
        by_time.then(list.cmp(other))
    };
    let order = |one: &_, other: &_| -> Ordering {
        if backwards { order(one, other).reverse() } else { order(one, other) }
    };
    let times = times.enumerate().filter_map(|(list, at)| Some((list, at?)));
    times.min_by(order).map(|(list, _)| list)
}

/// How a cursor spells the places.
const BEGIN: i64 = 0;
const END: i64 = 1;
const BEFORE: i64 = 2;
const AFTER: i64 = 3;

impl Place {
    fn side(&self, backwards: bool) -> Side {
        match self {
            Self::Begin if backwards => Side::Nothing,
            Self::End if !backwards => Side::Nothing,
            Self::Begin | Self::End => Side::Everything,
            Self::Beside { key, is_after } => {
                Side::Beyond(Edge { key: key.clone(), through: *is_after == backwards })
            }
        }
    }

    fn of_cursor(how: &Value, key: &[Value], types: &[ColumnType]) -> Option<Self> {
        match how {
            Value::Integer(BEGIN) => return Some(Self::Begin),
            Value::Integer(END) => return Some(Self::End),
            Value::Integer(BEFORE | AFTER) => {}
            _ => return None,
        }
        // Clients may send anything in a cursor.
        let fits = key.iter().zip(types).all(|(value, kind)| match (value, kind) {
            (Value::Integer(_), ColumnType::Integer) | (Value::Real(_), ColumnType::Real) => true,
            (Value::Text(text), ColumnType::Text) => !text.contains('\0'),
            _ => false,
        });
        let is_after = *how == Value::Integer(AFTER);
        fits.then(|| Self::Beside { key: key.to_vec(), is_after })
    }
}

/// The cursor at a place in all lists: for each, how the place lies, and a key or as many nulls.
fn encode(binding: &str, lists: &[&[ColumnType]], places: &[Place]) -> String {
    let mut values = Vec::new();
    for (types, place) in lists.iter().zip(places) {
        let (how, key) = match place {
            Place::Begin => (BEGIN, &[][..]),
            Place::End => (END, &[][..]),
            Place::Beside { key, is_after: false } => (BEFORE, &key[..]),
            Place::Beside { key, is_after: true } => (AFTER, &key[..]),
        };
        values.push(Value::Integer(how));
        values.extend_from_slice(key);
        values.extend(std::iter::repeat_n(Value::Null, types.len().saturating_sub(key.len())));
    }
    Cursor::new(binding, values).encode()
}

fn decode(text: &str, binding: &str, lists: &[&[ColumnType]]) -> Result<Vec<Place>> {
    let values = lists.iter().map(|types| types.len() + 1).sum();
    let values = Cursor::decode(text, binding, values)?.into_key();
    let mut rest = values.as_slice();
    let mut places = Vec::with_capacity(lists.len());
    for types in lists {
        let place = rest.split_first().and_then(|(how, after)| {
            let (key, left) = after.split_at_checked(types.len())?;
            rest = left;
            Place::of_cursor(how, key, types)
        });
        places.push(place.ok_or_else(Cursor::foreign)?);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &[&[ColumnType]] = &[&[ColumnType::Integer], BY_CREATION];

    #[test]
    fn a_cursor_leads_to_the_place_that_it_was_made_at() {
        let key = vec![Value::Integer(7), Value::Integer(1), Value::Text("link/x".to_owned())];
        let beside = |is_after| Place::Beside { key: key.clone(), is_after };
        let revision = Place::Beside { key: vec![Value::Integer(3)], is_after: true };
        for places in [
            vec![Place::Begin, Place::End],
            vec![revision.clone(), beside(false)],
            vec![revision, beside(true)],
        ] {
            let text = encode("q", LISTS, &places);
            assert_eq!(decode(&text, "q", LISTS).unwrap(), places);
            assert!(decode(&text, "other", LISTS).is_err());
            assert!(decode(&text, "q", &LISTS[1..]).is_err());
        }
    }

    #[test]
    fn a_cursor_with_other_values_is_refused() {
        let (one, text) = (Value::Integer(1), Value::Text("x".to_owned()));
        let zero = Value::Text("a\0b".to_owned());
        for place in [
            [Value::Integer(AFTER), one.clone(), one.clone(), one.clone()],
            [Value::Integer(BEFORE), text.clone(), one.clone(), text.clone()],
            [Value::Integer(AFTER), one.clone(), one.clone(), zero],
            [Value::Integer(AFTER), one.clone(), one.clone(), Value::Null],
            [Value::Integer(9), one.clone(), one.clone(), text.clone()],
            [text.clone(), one.clone(), one.clone(), text.clone()],
        ] {
            let cursor = Cursor::new("q", place.to_vec()).encode();
            assert!(decode(&cursor, "q", &LISTS[1..]).is_err(), "{place:?}");
        }
    }

    #[test]
    fn of_one_time_earlier_lists_come_first() {
        let times = |times: [Option<i64>; 3]| times.map(|at| at.map(Timestamp)).into_iter();
        for (lists, newest_first, forth, back) in [
            ([Some(2), Some(1), None], false, 1, 0),
            ([Some(2), Some(1), None], true, 0, 1),
            ([None, Some(5), Some(5)], false, 1, 2),
            ([None, Some(5), Some(5)], true, 1, 2),
        ] {
            assert_eq!(first(times(lists), newest_first, false), Some(forth), "{lists:?}");
            assert_eq!(first(times(lists), newest_first, true), Some(back), "{lists:?}");
        }
        assert_eq!(first(times([None, None, None]), false, false), None);
    }
}
