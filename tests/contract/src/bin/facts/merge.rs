//! Merges the public document into the beta one, which is its superset, and marks what only the
//! latter has. A contradiction between the two stops the generator, because a person must resolve
//! it.

use std::collections::BTreeMap;

use worksmith_contract::model::{Facts, Kind, Operation, QueryParam, Schema, Tier};

type Result<T> = std::result::Result<T, String>;

/// Both documents in one.
pub(crate) fn merge(public: Facts, beta: Facts) -> Result<Facts> {
    let mut merged = Facts { errors: beta.errors, ..Facts::default() };
    let mut known: BTreeMap<_, _> =
        public.operations.into_iter().map(|each| (each.id.clone(), each)).collect();
    for each in beta.operations {
        let old = known.remove(&each.id);
        merged.operations.push(operation(old, each)?);
    }
    nothing_left(known.into_keys().next())?;
    let mut known = public.schemas;
    for (name, new) in beta.schemas {
        let made = match known.remove(&name) {
            Some(old) => schema(old, new, &name)?,
            None => Schema { beta: true, ..new },
        };
        merged.schemas.insert(name, made);
    }
    nothing_left(known.into_keys().next())?;
    Ok(merged)
}

fn operation(old: Option<Operation>, new: Operation) -> Result<Operation> {
    let Some(old) = old else {
        return Ok(Operation { tier: Tier::Beta, ..new });
    };
    let shape = |each: &Operation| {
        (each.methods.clone(), each.request.clone(), each.response.clone(), each.status)
    };
    if shape(&old) != shape(&new) {
        return Err(format!("{} differs between the two documents", new.id));
    }
    let beta_errors = difference(&new.errors, &old.errors);
    let mut query: BTreeMap<_, _> =
        old.query.into_iter().map(|each| (each.name.clone(), each)).collect();
    let mut merged = Vec::new();
    for each in new.query {
        let schema = match query.remove(&each.name) {
            Some(old) => schema(old.schema, each.schema, &format!("{}?{}", new.id, each.name))?,
            None => Schema { beta: true, ..each.schema },
        };
        merged.push(QueryParam { schema, ..each });
    }
    nothing_left(query.into_keys().next())?;
    Ok(Operation { errors: old.errors, beta_errors, query: merged, ..new })
}

fn schema(old: Schema, new: Schema, at: &str) -> Result<Schema> {
    let mut made = new;
    let same = old.reference == made.reference
        && old.format == made.format
        && old.nullable == made.nullable
        && old.limits == made.limits
        && old.stock == made.stock
        && old.map == made.map
        // A union that is empty in the public document has no discriminator there.
        && (old.tag == made.tag || old.tag.is_none())
        // Beta turns some empty objects into described ones.
        && (old.kind == made.kind || old.kind.is_none());
    if !same {
        return Err(format!("{at} differs between the two documents"));
    }
    made.beta_values = difference(&made.values, &old.values);
    made.values = old.values;
    made.beta_required = difference(&made.required, &old.required);
    made.required = old.required;
    made.members = children(old.members, made.members, at)?;
    made.variants = children(old.variants, made.variants, at)?;
    made.items = match (old.items, made.items) {
        (Some(old), Some(new)) => Some(Box::new(schema(*old, *new, &format!("{at}[]"))?)),
        (None, None) => None,
        _ => return Err(format!("{at}: items in one document only")),
    };
    let empty = Schema { kind: Some(Kind::Object), ..Schema::default() };
    let mut parts = old.all.into_iter();
    made.all = made
        .all
        .into_iter()
        .map(|new| schema(parts.next().unwrap_or_else(|| empty.clone()), new, at))
        .collect::<Result<_>>()?;
    nothing_left(parts.next().map(|_| at.to_owned()))?;
    Ok(made)
}

fn children(
    mut old: BTreeMap<String, Schema>,
    new: BTreeMap<String, Schema>,
    at: &str,
) -> Result<BTreeMap<String, Schema>> {
    let mut made = BTreeMap::new();
    for (name, new) in new {
        let merged = match old.remove(&name) {
            Some(old) => schema(old, new, &format!("{at}.{name}"))?,
            None => Schema { beta: true, ..new },
        };
        made.insert(name, merged);
    }
    nothing_left(old.into_keys().next().map(|name| format!("{at}.{name}")))?;
    Ok(made)
}

fn difference<T: PartialEq + Clone>(new: &[T], old: &[T]) -> Vec<T> {
    new.iter().filter(|each| !old.contains(each)).cloned().collect()
}

fn nothing_left(name: Option<String>) -> Result<()> {
    name.map_or(Ok(()), |name| Err(format!("{name} is missing in the beta document")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: serde_json::Value) -> Schema {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_beta_adds_is_marked() {
        let old = read(json!({"type": "object", "members": {"a": {"type": "string"}}}));
        let new = read(json!({
            "type": "object",
            "members": {"a": {"type": "string"}, "b": {"type": "boolean"}},
            "required": ["b"],
        }));
        let made = schema(old, new, "here").unwrap();
        assert!(!made.members["a"].beta && made.members["b"].beta);
        assert_eq!(made.beta_required, ["b"]);
        assert!(made.required.is_empty());
    }

    #[test]
    fn a_contradiction_is_refused() {
        let old = read(json!({"type": "string"}));
        let said = schema(old, read(json!({"type": "integer"})), "here").unwrap_err();
        assert_eq!(said, "here differs between the two documents");
        let old = read(json!({"members": {"gone": {"type": "string"}}}));
        let said = schema(old, Schema::default(), "here").unwrap_err();
        assert_eq!(said, "here.gone is missing in the beta document");
    }
}
