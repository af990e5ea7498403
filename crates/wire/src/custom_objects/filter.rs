//! Conditions on custom objects, as prefix expressions:
//! `["eq", "$custom_fields.tnt__budget", 500]`. In the query of a GET an expression is a JSON text
//! (BEHAVIOUR 1.4, 15.2).

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, json_type, scalar};

/// The deepest nesting of expressions.
const DEEPEST: usize = 16;
/// The most operators and values that all expressions of a request may have together.
const LARGEST: usize = 500;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of them hold.
    And(Vec<Filter>),
    /// One of them holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A comparison of a field to a value.
    Compare(Comparison, Operand),
}

/// A field and the values that it is compared to.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// The name of the field: `title`, `custom_fields.tnt__budget`.
    pub field: String,
    /// The values: many for `in`, otherwise one. They are neither lists nor objects.
    pub values: Vec<Value>,
    /// The place of the comparison in the request, for errors: `filters[0]`. The field is its
    /// `[1]`, the values are its `[2]`.
    pub place: String,
}

/// How a field compares to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It equals the value.
    Eq,
    /// It does not equal the value.
    Ne,
    /// It is less than the value.
    Lt,
    /// It is less than the value, or equal.
    Lte,
    /// It is greater than the value.
    Gt,
    /// It is greater than the value, or equal.
    Gte,
    /// It is one of the values.
    In,
    /// It is a list that contains the value.
    Contains,
}

impl Comparison {
    const ALL: [(&str, Self); 8] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("in", Self::In),
        ("contains", Self::Contains),
    ];
}

/// Conditions, all of which must hold. A single expression counts as a list of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters(pub Vec<Filter>);

impl FromWire for Filter {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let value = list(value, at)?;
        Reader { field: &at.path(), left: LARGEST }.filter(&value, &at.path(), DEEPEST)
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": {} })
    }
}

impl FromWire for Filters {
    const REQUIRED: bool = false;

    fn absent(_: &At<'_>) -> Result<Self, ApiError> {
        Ok(Self::default())
    }

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let value = list(value, at)?;
        let field = at.path();
        let mut reader = Reader { field: &field, left: LARGEST };
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if items.first().is_some_and(Value::is_string) {
            return Ok(Self(vec![reader.filter(&value, &field, DEEPEST)?]));
        }
        let filters = items.iter().enumerate();
        let filters =
            filters.map(|(n, item)| reader.filter(item, &format!("{field}[{n}]"), DEEPEST));
        filters.collect::<Result<_, _>>().map(Self)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Filter::schema(generator)
    }
}

/// A list. In a query string, it is given as JSON text.
fn list(value: Value, at: &At<'_>) -> Result<Value, ApiError> {
    let value = match scalar(value, at) {
        Value::String(text) if at.in_query() => serde_json::from_str(&text).map_err(|cause| {
            let field = at.path();
            ApiError::invalid_field(&field, format!("{field} is no JSON text: {cause}"))
        })?,
        other => other,
    };
    if value.is_array() { Ok(value) } else { Err(at.wrong_type(&value, "array")) }
}

struct Reader<'a> {
    field: &'a str,
    /// How many more operators and values are allowed.
    left: usize,
}

impl Reader<'_> {
    fn refuse(&self, place: &str, reason: impl AsRef<str>) -> ApiError {
        let message = format!("{place}: {}", reason.as_ref());
        ApiError::invalid_field(self.field, message).at(place)
    }

    fn count(&mut self, place: &str, more: usize) -> Result<(), ApiError> {
        let left = self.left.checked_sub(more);
        let reason = format!("the expression has more than {LARGEST} operators and values");
        self.left = left.ok_or_else(|| self.refuse(place, reason))?;
        Ok(())
    }

    fn filter(&mut self, value: &Value, place: &str, depth: usize) -> Result<Filter, ApiError> {
        let Some((Value::String(operator), operands)) =
            value.as_array().and_then(|items| items.split_first())
        else {
            let reason = "an expression is an array that begins with an operator";
            return Err(self.refuse(place, reason));
        };
        let Some(depth) = depth.checked_sub(1) else {
            let reason = format!("the expression is nested more than {DEEPEST} deep");
            return Err(self.refuse(place, reason));
        };
        self.count(place, 1)?;
        if let Some((_, compare)) = Comparison::ALL.iter().find(|(name, _)| name == operator) {
            return self.compare(*compare, operator, operands, place);
        }
        let inner = operands.iter().zip(1..);
        let inner = inner.map(|(item, n)| self.filter(item, &format!("{place}[{n}]"), depth));
        match operator.as_str() {
            "and" => inner.collect::<Result<_, _>>().map(Filter::And),
            "or" => inner.collect::<Result<_, _>>().map(Filter::Or),
            "not" => match operands {
                [only] => {
                    let only = self.filter(only, &format!("{place}[1]"), depth)?;
                    Ok(Filter::Not(Box::new(only)))
                }
                others => {
                    let count = others.len();
                    Err(self.refuse(place, format!("not takes one expression, not {count}")))
                }
            },
            _ => {
                let names = Comparison::ALL.map(|(name, _)| name).join(", ");
                let reason =
                    format!("there is no operator {operator:?}; there are {names}, and, or, not");
                Err(self.refuse(&format!("{place}[0]"), reason))
            }
        }
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        operator: &str,
        operands: &[Value],
        place: &str,
    ) -> Result<Filter, ApiError> {
        let [field, value] = operands else {
            let count = operands.len();
            let reason = format!("{operator} takes a field and a value, not {count} operands");
            return Err(self.refuse(place, reason));
        };
        let name = field.as_str().and_then(|text| text.strip_prefix('$'));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let reason = format!("{field} is no field; a field is written \"$title\"");
            return Err(self.refuse(&format!("{place}[1]"), reason));
        };
        let second = format!("{place}[2]");
        let values = match (comparison, value) {
            (Comparison::In, Value::Array(values)) => values.clone(),
            (Comparison::In, other) => {
                let reason = format!("in takes an array of values, not {}", json_type(other));
                return Err(self.refuse(&second, reason));
            }
            (_, value) => vec![value.clone()],
        };
        self.count(&second, values.len())?;
        if let Some(odd) = values.iter().find(|value| value.is_array() || value.is_object()) {
            let reason = format!("{odd} is no value that a field can be compared to");
            return Err(self.refuse(&second, reason));
        }
        let operand = Operand { field: name.to_owned(), values, place: place.to_owned() };
        Ok(Filter::Compare(comparison, operand))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{OrgName, Source};

    fn read(value: Value, query: bool) -> Result<Vec<Filter>, ApiError> {
        let org = OrgName { partition: "p".into(), org: "o".into() };
        let from_query = ["filters".to_owned()];
        let source = Source { org: &org, query: if query { &from_query } else { &[] } };
        let root = At::root(&source);
        Filters::from_value(value, &root.child("filters")).map(|filters| filters.0)
    }

    fn budget(value: Value, place: &str) -> Operand {
        let field = "custom_fields.tnt__budget".to_owned();
        Operand { field, values: vec![value], place: place.to_owned() }
    }

    #[test]
    fn one_expression_and_a_list_of_one_are_the_same_but_for_their_places() {
        let one = json!(["eq", "$custom_fields.tnt__budget", 500]);
        let read_one = read(one.clone(), false).unwrap();
        let expected = Filter::Compare(Comparison::Eq, budget(json!(500), "filters"));
        assert_eq!(read_one, [expected]);
        let expected = Filter::Compare(Comparison::Eq, budget(json!(500), "filters[0]"));
        assert_eq!(read(json!([one]), false).unwrap(), [expected]);
        assert_eq!(read(json!([]), false).unwrap(), []);
    }

    #[test]
    fn expressions_nest() {
        let value = json!([
            "and",
            ["not", ["lt", "$custom_fields.tnt__budget", 1]],
            ["or", ["in", "$title", ["a", null]]]
        ]);
        let lt = Filter::Compare(Comparison::Lt, budget(json!(1), "filters[1][1]"));
        let title = Operand {
            field: "title".to_owned(),
            values: vec![json!("a"), Value::Null],
            place: "filters[2][1]".to_owned(),
        };
        let or = Filter::Or(vec![Filter::Compare(Comparison::In, title)]);
        let expected = Filter::And(vec![Filter::Not(Box::new(lt)), or]);
        assert_eq!(read(value, false).unwrap(), [expected]);
    }

    #[test]
    fn in_a_query_an_expression_is_a_json_text() {
        let text = r#"["eq","$custom_fields.tnt__budget",500]"#;
        let expected = Filter::Compare(Comparison::Eq, budget(json!(500), "filters"));
        assert_eq!(read(json!([text]), true).unwrap(), [expected]);
        let refused = read(json!(["[\"eq\""]), true).unwrap_err();
        assert!(refused.message.starts_with("filters is no JSON text: "), "{}", refused.message);
        let refused = read(json!(["5"]), true).unwrap_err();
        assert_eq!(refused.message, "filters must be an array, not number");
    }

    #[test]
    fn what_is_no_expression_is_refused_at_its_place() {
        let mut deep = json!(["eq", "$title", "a"]);
        for _ in 0..DEEPEST {
            deep = json!(["not", deep]);
        }
        for (value, place, reason) in [
            (json!([5]), "filters[0]", "an expression is an array that begins with an operator"),
            (json!([[]]), "filters[0]", "an expression is an array that begins with an operator"),
            (json!(["not", []]), "filters[1]", "an expression is an array that begins"),
            (json!(["equals", "$a", 1]), "filters[0]", "there is no operator \"equals\""),
            (json!(["not"]), "filters", "not takes one expression, not 0"),
            (json!(["eq", "$a"]), "filters", "eq takes a field and a value, not 1 operands"),
            (json!(["eq", "a", 1]), "filters[1]", "\"a\" is no field"),
            (json!(["eq", "$", 1]), "filters[1]", "\"$\" is no field"),
            (json!(["eq", 5, 1]), "filters[1]", "5 is no field"),
            (json!(["in", "$a", 1]), "filters[2]", "in takes an array of values, not number"),
            (json!(["in", "$a", [[]]]), "filters[2]", "[] is no value"),
            (json!(["gt", "$a", {}]), "filters[2]", "{} is no value"),
            (json!(["in", "$a", vec![1; LARGEST]]), "filters[2]", "the expression has more than"),
            (deep, &format!("filters{}", "[1]".repeat(DEEPEST)), "the expression is nested more"),
        ] {
            let refused = read(value.clone(), false).unwrap_err();
            let expected = format!("{place}: {reason}");
            assert!(refused.message.starts_with(&expected), "{value}: {}", refused.message);
            assert_eq!(refused.detail.as_deref(), Some(place), "{value}");
            assert_eq!(refused.extra["field_name"], "filters", "{value}");
        }
    }
}
