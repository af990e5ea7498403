//! Reads one `OpenAPI` document into the facts' own model, refusing any keyword it does not know.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use worksmith_contract::model::{
    Facts, Kind, Limits, Method, Operation, QueryParam, Schema, StockValue, Tier,
};

/// Keywords that carry prose or hints for code generators.
const IGNORED: &[&str] = &["description", "title", "example", "x-go-name", "x-fern-enum"];

type Result<T> = std::result::Result<T, String>;

/// The facts of one document.
pub(crate) fn document(document: &Value) -> Result<Facts> {
    let schemas = object(&document["components"]["schemas"], "components.schemas")?
        .iter()
        .map(|(name, value)| Ok((name.clone(), schema(value, name)?)))
        .collect::<Result<BTreeMap<_, _>>>()?;
    let mut facts = Facts { schemas, ..Facts::default() };
    let responses = &document["components"]["responses"];
    for (path, methods) in object(&document["paths"], "paths")? {
        let operation = operation(path, object(methods, path)?, responses, &mut facts.errors)?;
        facts.operations.push(operation);
    }
    facts.operations.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(facts)
}

fn operation(
    path: &str,
    methods: &Map<String, Value>,
    responses: &Value,
    bodies: &mut BTreeMap<u16, String>,
) -> Result<Operation> {
    let post = methods.get("post").ok_or_else(|| format!("{path} has no POST"))?;
    let mut operation = Operation {
        id: path.trim_start_matches('/').to_owned(),
        tier: Tier::Public,
        methods: vec![Method::Post],
        request: reference(&post["requestBody"]["content"]["application/json"]["schema"])
            .ok_or_else(|| format!("{path} has no named request"))?,
        response: None,
        status: 0,
        errors: Vec::new(),
        beta_errors: Vec::new(),
        query: Vec::new(),
    };
    for (status, answer) in object(&post["responses"], path)? {
        let status: u16 = status.parse().map_err(|_| format!("{path}: status {status}"))?;
        if status < 300 {
            operation.status = status;
            operation.response = reference(&answer["content"]["application/json"]["schema"]);
        } else {
            let name = reference(answer).ok_or_else(|| format!("{path}: unnamed {status}"))?;
            let body = &responses[&name]["content"]["application/json"]["schema"];
            let body = reference(body).ok_or_else(|| format!("{name} has no named body"))?;
            bodies.insert(status, body);
            operation.errors.push(status);
        }
    }
    operation.errors.sort_unstable();
    if let Some(get) = methods.get("get") {
        operation.methods.insert(0, Method::Get);
        for parameter in get["parameters"].as_array().into_iter().flatten() {
            operation.query.push(query(parameter, path)?);
        }
        operation.query.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(operation)
}

fn query(parameter: &Value, path: &str) -> Result<QueryParam> {
    let name = parameter["name"].as_str().ok_or_else(|| format!("{path}: unnamed parameter"))?;
    let mut schema = schema(&parameter["schema"], &format!("{path}?{name}"))?;
    schema.deprecated |= parameter["deprecated"] == true;
    Ok(QueryParam { name: name.to_owned(), required: parameter["required"] == true, schema })
}

fn schema(value: &Value, at: &str) -> Result<Schema> {
    let mut made = Schema::default();
    for (keyword, value) in object(value, at)? {
        keyword_of(&mut made, keyword, value, at)?;
    }
    if made.tag.is_some() && made.variants.is_empty() {
        // A discriminator without a mapping selects nothing.
        made.tag = None;
    }
    made.required.sort();
    Ok(made)
}

fn keyword_of(made: &mut Schema, keyword: &str, value: &Value, at: &str) -> Result<()> {
    let bad = || format!("{at}: {keyword} is {value}");
    match keyword {
        _ if IGNORED.contains(&keyword) => {}
        "$ref" => made.reference = Some(last_segment(value).ok_or_else(bad)?),
        "type" => made.kind = Some(kind(value).ok_or_else(bad)?),
        "format" => made.format = Some(text(value).ok_or_else(bad)?),
        "nullable" => made.nullable = value.as_bool().ok_or_else(bad)?,
        "deprecated" => made.deprecated = value.as_bool().ok_or_else(bad)?,
        "enum" => made.values = texts(value).ok_or_else(bad)?,
        "required" => made.required = texts(value).ok_or_else(bad)?,
        "items" => made.items = Some(Box::new(schema(value, &format!("{at}[]"))?)),
        "properties" => {
            for (name, value) in object(value, at)? {
                let member = schema(value, &format!("{at}.{name}"))?;
                made.members.insert(name.clone(), member);
            }
        }
        "additionalProperties" => match value.as_bool() {
            Some(free) => made.closed = !free,
            None => made.map = Some(Box::new(schema(value, &format!("{at}.*"))?)),
        },
        "allOf" => {
            for each in value.as_array().ok_or_else(bad)? {
                made.all.push(schema(each, at)?);
            }
        }
        // The mapping of the discriminator says the same, and provides the values, too.
        "oneOf" | "x-devrev-uenum-overridable" => {}
        "discriminator" => discriminator(made, value).ok_or_else(bad)?,
        "x-devrev-uenum-values" => made.stock = stock(value).ok_or_else(bad)?,
        _ => limit(&mut made.limits, keyword, value).ok_or_else(bad)?,
    }
    Ok(())
}

fn discriminator(made: &mut Schema, value: &Value) -> Option<()> {
    made.tag = Some(text(&value["propertyName"])?);
    for (tag, target) in value["mapping"].as_object().into_iter().flatten() {
        made.variants.insert(tag.clone(), Schema::named(&last_segment(target)?));
    }
    Some(())
}

fn limit(limits: &mut Limits, keyword: &str, value: &Value) -> Option<()> {
    match keyword {
        "minLength" => limits.min_length = Some(value.as_u64()?),
        "maxLength" => limits.max_length = Some(value.as_u64()?),
        "minItems" => limits.min_items = Some(value.as_u64()?),
        "maxItems" => limits.max_items = Some(value.as_u64()?),
        "minimum" => limits.minimum = Some(value.as_number()?.clone()),
        "maximum" => limits.maximum = Some(value.as_number()?.clone()),
        "pattern" => limits.pattern = Some(text(value)?),
        _ => return None,
    }
    Some(())
}

fn stock(value: &Value) -> Option<Vec<StockValue>> {
    let one = |each: &Value| {
        Some(StockValue {
            id: each["id"].as_i64()?,
            label: text(&each["label"])?,
            ordinal: each["ordinal"].as_i64()?,
            overridable: each["overridable"].as_bool()?,
        })
    };
    value.as_array()?.iter().map(one).collect()
}

fn kind(value: &Value) -> Option<Kind> {
    serde_json::from_value(value.clone()).ok()
}

fn reference(value: &Value) -> Option<String> {
    last_segment(value.get("$ref")?)
}

fn last_segment(value: &Value) -> Option<String> {
    Some(value.as_str()?.rsplit('/').next()?.to_owned())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(text).collect()
}

fn object<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| format!("{at} is no object"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prose_is_left_out() {
        let value = json!({"type": "string", "description": "words", "example": "x"});
        let made = schema(&value, "here").unwrap();
        assert_eq!(made, Schema { kind: Some(Kind::String), ..Schema::default() });
    }

    #[test]
    fn an_unknown_keyword_stops_the_generator() {
        let said = schema(&json!({"type": "string", "multipleOf": 2}), "here").unwrap_err();
        assert_eq!(said, "here: multipleOf is 2");
    }

    #[test]
    fn a_discriminator_becomes_variants() {
        let value = json!({
            "type": "object",
            "discriminator": {"propertyName": "type", "mapping": {"a": "#/components/schemas/x"}},
            "oneOf": [{"$ref": "#/components/schemas/x"}],
        });
        let made = schema(&value, "here").unwrap();
        assert_eq!(made.tag.as_deref(), Some("type"));
        assert_eq!(made.variants["a"], Schema::named("x"));
    }
}
