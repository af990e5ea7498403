//! The changes of an update: to a nullable member (none, clear it, a new value) and to a list.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, members, refuse_unknown};

/// The change of a nullable member.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Patch<T> {
    /// It is absent: the value stays.
    #[default]
    Absent,
    /// It is null: the value is cleared.
    Null,
    /// The new value.
    Value(T),
}

impl<T> Patch<T> {
    /// Writes the change into `slot`.
    pub fn apply<U: From<T>>(self, slot: &mut Option<U>) {
        match self {
            Self::Absent => {}
            Self::Null => *slot = None,
            Self::Value(value) => *slot = Some(value.into()),
        }
    }
}

/// The new value of a member that an update may leave out.
pub trait Apply<T> {
    /// Writes the new value into `slot`. If there is none, the old one stays.
    fn apply<U: From<T>>(self, slot: &mut U);
}

impl<T> Apply<T> for Option<T> {
    fn apply<U: From<T>>(self, slot: &mut U) {
        if let Some(value) = self {
            *slot = value.into();
        }
    }
}

impl<T: Into<crate::Id>> Patch<T> {
    /// The same patch of a plain id.
    pub fn into_id(self) -> Patch<crate::Id> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(id) => Patch::Value(id.into()),
        }
    }
}

impl<T: FromWire> FromWire for Patch<T> {
    const REQUIRED: bool = false;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self::Absent)
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        match value {
            Value::Null => Ok(Self::Null),
            value => T::from_value(value, at).map(Self::Value),
        }
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [T::schema(generator), { "type": "null" }] })
    }
}

/// `{set}`: replaces a list; when absent, the list stays. A bare array, or one bare value, counts
/// as `set`.
#[derive(Clone, Debug, PartialEq)]
pub struct SetPatch<T, const MAX: usize = { usize::MAX }> {
    /// The new list, without repetitions; `None` changes nothing.
    pub set: Option<Vec<T>>,
}

/// `{add, remove, set}`: changes a list; when absent, the list stays. A bare array, or one bare
/// value, counts as `set`. `MAX` elements at most are set, and `STEP` added or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPatch<T, R = T, const MAX: usize = { usize::MAX }, const STEP: usize = MAX> {
    /// What to add.
    pub add: Vec<T>,
    /// What to remove.
    pub remove: Vec<R>,
    /// The new list; never together with the other two.
    pub set: Option<Vec<T>>,
}

fn list<T: FromWire, const MAX: usize>(value: Value, at: &At<'_>) -> Result<Vec<T>, ApiError> {
    let list = Vec::<T>::from_value(value, at)?;
    if list.len() > MAX {
        let field = at.path();
        let message = format!("{field} has {} elements, at most {MAX}", list.len());
        return Err(
            ApiError::not_permitted(&field, message).with("reason", format!("max_items {MAX}"))
        );
    }
    Ok(list)
}

fn list_schema<T: FromWire, const MAX: usize>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Vec::<T>::schema(generator);
    if MAX != usize::MAX {
        schema.insert("maxItems".to_owned(), MAX.into());
    }
    schema
}

impl<T, const MAX: usize> SetPatch<T, MAX> {
    /// Writes the change into `list`.
    pub fn apply<U: PartialEq + From<T>>(self, list: &mut Vec<U>) {
        if let Some(set) = self.set {
            *list = distinct(set);
        }
    }
}

impl<T: FromWire, const MAX: usize> FromWire for SetPatch<T, MAX> {
    const REQUIRED: bool = false;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self { set: None })
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let Value::Object(mut patch) = value else {
            return list::<T, MAX>(value, at).map(|set| Self { set: Some(set) });
        };
        refuse_unknown(&patch, at, |name| name == "set")?;
        let set = patch.remove("set").map(|set| list::<T, MAX>(set, at)).transpose()?;
        Ok(Self { set })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let list = list_schema::<T, MAX>(generator);
        json_schema!({
            "type": "object", "properties": { "set": list }, "additionalProperties": false,
        })
    }
}

impl<T, R, const MAX: usize, const STEP: usize> ListPatch<T, R, MAX, STEP> {
    /// Writes the change into `list`.
    pub fn apply<U: PartialEq + From<T> + From<R>>(self, list: &mut Vec<U>) {
        if let Some(set) = self.set {
            *list = distinct(set);
        }
        let gone: Vec<U> = each(self.remove);
        list.retain(|item| !gone.contains(item));
        for item in self.add.into_iter().map(U::from) {
            if !list.contains(&item) {
                list.push(item);
            }
        }
    }
}

impl<T, R, const MAX: usize, const STEP: usize> FromWire for ListPatch<T, R, MAX, STEP>
where
    T: FromWire,
    R: FromWire,
{
    const REQUIRED: bool = false;
    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self { add: Vec::new(), remove: Vec::new(), set: None })
    }
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        if !value.is_object() {
            let set = Some(list::<T, MAX>(value, at)?);
            return Ok(Self { add: Vec::new(), remove: Vec::new(), set });
        }
        let mut patch = members(value, at)?;
        refuse_unknown(&patch, at, |name| matches!(name, "add" | "remove" | "set"))?;
        let add = patch.remove("add").map(|add| list::<T, STEP>(add, at)).transpose()?;
        let remove = patch.remove("remove").map(|gone| list::<R, STEP>(gone, at)).transpose()?;
        let set = patch.remove("set").map(|set| list::<T, MAX>(set, at)).transpose()?;
        if set.is_some() && (add.is_some() || remove.is_some()) {
            let field = at.path();
            let message = format!("{field} takes either set, or add and remove");
            return Err(ApiError::bad_request(message).at(field));
        }
        Ok(Self { add: add.unwrap_or_default(), remove: remove.unwrap_or_default(), set })
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let set = list_schema::<T, MAX>(generator);
        let add = list_schema::<T, STEP>(generator);
        let remove = list_schema::<R, STEP>(generator);
        json_schema!({
            "type": "object",
            "properties": { "add": add, "remove": remove, "set": set },
            "additionalProperties": false,
        })
    }
}

/// The elements of a list, as another type.
pub fn each<T: From<U>, U>(list: impl IntoIterator<Item = U>) -> Vec<T> {
    list.into_iter().map(T::from).collect()
}

/// The elements of a list in their order, without repetitions.
pub fn distinct<T: PartialEq + From<U>, U>(list: impl IntoIterator<Item = U>) -> Vec<T> {
    let mut once = Vec::new();
    for item in list {
        let item = T::from(item);
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{OrgName, Source, Text};

    type Name = Text<1, 8>;

    fn read<T: FromWire>(value: Option<Value>) -> T {
        let org = OrgName { partition: "p".into(), org: "o".into() };
        let source = Source { org: &org, query: &[] };
        T::read(value, &At::root(&source).child("member")).expect("a member")
    }

    #[test]
    fn what_is_absent_changes_nothing() {
        let (mut name, mut note) = ("old".to_owned(), Some("old".to_owned()));
        read::<Option<Name>>(None).apply(&mut name);
        read::<Option<Name>>(None).apply(&mut note);
        read::<Patch<Name>>(None).apply(&mut note);
        assert_eq!((name.as_str(), note.as_deref()), ("old", Some("old")));

        let mut list = vec!["old".to_owned()];
        read::<SetPatch<Name>>(None).apply(&mut list);
        read::<SetPatch<Name>>(Some(json!({}))).apply(&mut list);
        read::<ListPatch<Name>>(None).apply(&mut list);
        read::<ListPatch<Name>>(Some(json!({}))).apply(&mut list);
        assert_eq!(list, ["old"]);
    }

    #[test]
    fn what_is_given_replaces_the_old_value() {
        let (mut name, mut note) = ("old".to_owned(), None::<String>);
        read::<Option<Name>>(Some(json!("new"))).apply(&mut name);
        read::<Option<Name>>(Some(json!("new"))).apply(&mut note);
        assert_eq!((name.as_str(), note.as_deref()), ("new", Some("new")));
        read::<Patch<Name>>(Some(json!("newer"))).apply(&mut note);
        assert_eq!(note.as_deref(), Some("newer"));

        let mut list = vec!["old".to_owned()];
        read::<SetPatch<Name>>(Some(json!({ "set": ["a", "b", "a"] }))).apply(&mut list);
        assert_eq!(list, ["a", "b"]);
        let change = json!({ "add": ["c", "b"], "remove": ["a"] });
        read::<ListPatch<Name>>(Some(change)).apply(&mut list);
        assert_eq!(list, ["b", "c"]);
        read::<ListPatch<Name>>(Some(json!(["d"]))).apply(&mut list);
        assert_eq!(list, ["d"]);
    }
}
