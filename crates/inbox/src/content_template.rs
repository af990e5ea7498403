//! The texts of notifications that programs send (BEHAVIOUR 24.7).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{Column, Expander, Name, Query, Resource, Result, Stored};
use worksmith_wire::content_template::{
    self as wire, Content, ContentTemplateSummary, ContentTemplateType, CreateRequest, GetRequest,
    ListRequest,
};
use worksmith_wire::schemas::Field;
use worksmith_wire::{ApiError, Id, Kind};

use crate::named::nowhere;

/// The document of a content template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContentTemplate {
    /// The name.
    name: String,
    /// Who made it, among whose templates the name is unique.
    author: Id,
    /// The text.
    content: Content,
    /// The inputs that stand in the text.
    inputs: Vec<Field>,
}

const NAME: Column<ContentTemplate> =
    Column::text("name", |template: &ContentTemplate| template.name.as_str().into());
const NAMES: Name<ContentTemplate> =
    Name::new("content_template.name", "name", |template, claim| {
        claim(&format!("{} {}", template.author, template.name));
    });

impl Resource for ContentTemplate {
    const TABLE_NAME: &'static str = "content_templates";
    const KINDS: &'static [Kind] = &[Kind::ContentTemplate];
    const COLUMNS: &'static [Column<Self>] = &[NAME];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const ONE: &'static str = "content_template";
    const MANY: &'static str = "content_template";
    type Object = wire::ContentTemplate;
    type Summary = ContentTemplateSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> wire::ContentTemplate {
        let Self { name, author: _, content, inputs } = stored.doc.clone();
        wire::ContentTemplate {
            kind: ContentTemplateType::NotificationContentTemplate,
            head: x.base(&stored.meta),
            defaults: vec![content],
            input_fields_schema: inputs,
            name,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> ContentTemplateSummary {
        let kind = ContentTemplateType::NotificationContentTemplate;
        ContentTemplateSummary { kind, head: x.atom(stored.id()) }
    }
}

/// Registers the operations.
pub(crate) fn ops(table: &mut OpTable) {
    table.family::<ContentTemplate>();
    table.add(Op::create("content-template.create", "content_template"), create);
    table.add(Op::read("content-template.get", "content_template"), get);
    table.add(Op::read("content-template.list", "content_template"), list);
    table.feed::<ContentTemplate>("content-template.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<ContentTemplate>> {
    let CreateRequest { r#type: _, defaults, input_fields_schema, name } = request;
    let inputs = input_fields_schema.0;
    for (place, field) in inputs.iter().enumerate() {
        if inputs[..place].iter().any(|earlier| earlier.name == field.name) {
            let message = format!("input_fields_schema: two fields are called {:?}", &*field.name);
            return Err(ApiError::not_permitted("input_fields_schema", message).into());
        }
    }
    let Some(content) = defaults.0.into_iter().next() else {
        return Err(ApiError::missing("defaults").into());
    };
    let author = tx.cx().actor.id.clone();
    let doc = ContentTemplate { name: name.into(), author, content: content.into(), inputs };
    let stored = tx.insert(Kind::ContentTemplate, doc).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<ContentTemplate>> {
    tx.show::<ContentTemplate>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<ContentTemplate>> {
    let ListRequest { r#type: _, created_by, name, sort_by, page } = request;
    let mut query = Query::new();
    query
        .one_of_ids(Column::CREATED_BY, created_by)
        .one_of(NAME, name)
        .sort_by(&sort_by, &[("name", NAME)])?;
    tx.list(query, &page).await
}

/// The title and the body that a template makes of inputs.
pub(crate) async fn fill(
    tx: &mut Tx,
    id: &Id,
    inputs: &Map<String, Json>,
) -> Result<(String, String)> {
    let Some(template) = tx.find::<ContentTemplate>(id).await? else {
        return Err(nowhere(tx.cx(), "content_template", id));
    };
    let ContentTemplate { content: Content { title, body }, inputs: fields, .. } = &template.doc;
    for field in fields {
        if field.is_required == Some(true) && !inputs.contains_key(&*field.name) {
            let message = format!("inputs: the template requires {:?}", &*field.name);
            return Err(ApiError::not_permitted("inputs", message).into());
        }
    }
    let is_field = |name: &str| fields.iter().any(|field| &*field.name == name);
    if let Some(unknown) = inputs.keys().find(|name| !is_field(name)) {
        let message = format!("inputs: the template has no input {unknown:?}");
        return Err(ApiError::not_permitted("inputs", message).into());
    }
    Ok((filled(title, inputs, &is_field)?, filled(body, inputs, &is_field)?))
}

/// A text with its inputs in the place of their names. What is not called like an input stays.
fn filled(
    text: &str,
    inputs: &Map<String, Json>,
    is_field: &impl Fn(&str) -> bool,
) -> Result<String, ApiError> {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        if let Some((name, left)) = after.split_once('}').filter(|(name, _)| is_field(name)) {
            filled.push_str(&written(name, inputs.get(name))?);
            rest = left;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

fn written(name: &str, input: Option<&Json>) -> Result<String, ApiError> {
    match input {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(text)) => Ok(text.clone()),
        Some(plain @ (Json::Number(_) | Json::Bool(_))) => Ok(plain.to_string()),
        Some(Json::Array(_) | Json::Object(_)) => {
            let message = format!("inputs: {name:?} is neither a text, a number nor a truth value");
            Err(ApiError::not_permitted("inputs", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inputs_stand_in_the_place_of_their_names() {
        let inputs = json!({"who": "{n}", "n": 3, "is": true});
        let inputs = inputs.as_object().unwrap();
        let is_field = |name: &str| ["who", "n", "is", "gone"].contains(&name);
        for (text, expected) in [
            ("{who} has {n}: {is}{gone}", "{n} has 3: true"),
            ("{other} {who", "{other} {who"),
            ("{{n}}", "{3}"),
            ("", ""),
            ("}{", "}{"),
        ] {
            assert_eq!(filled(text, inputs, &is_field).unwrap(), expected, "{text}");
        }
        let lists = json!({"n": []});
        assert!(filled("{n}", lists.as_object().unwrap(), &is_field).is_err());
    }
}
