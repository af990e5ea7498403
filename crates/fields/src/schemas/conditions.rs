//! The expressions of conditions: `stage == 'don:…' && custom_fields.cause != ''`.
//!
//! Operators `==`, `!=`, `&&`, `||` and parentheses; operands are names of fields and quoted
//! literals (BEHAVIOUR 14.4). Bare numbers, `true` and `false` are literals too.

use worksmith_wire::{Id, OrgName};

/// The deepest nesting of expressions.
const DEEPEST: usize = 50;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// One of them holds.
    Any(Vec<Expr>),
    /// All of them hold.
    All(Vec<Expr>),
    /// The operands are equal or, if the flag is false, not equal.
    Same(Operand, Operand, bool),
}

/// An operand of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// A field by name.
    Field(String),
    /// A literal.
    Text(String),
}

impl Expr {
    /// Parses an expression; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, depth: 0 };
        let expr = parser.any()?;
        match parser.tokens.first() {
            None => Ok(expr),
            Some(token) => Err(format!("{token:?} is out of place")),
        }
    }

    /// Visits the names of the fields in it.
    pub(super) fn fields<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Any(exprs) | Self::All(exprs) => {
                for expr in exprs {
                    expr.fields(visit);
                }
            }
            Self::Same(left, right, _) => {
                for operand in [left, right] {
                    if let Operand::Field(name) = operand {
                        visit(name);
                    }
                }
            }
        }
    }

    /// The same expression with other names of fields.
    #[must_use]
    pub(super) fn renamed(self, rename: &dyn Fn(String) -> String) -> Self {
        let all = |exprs: Vec<Self>| exprs.into_iter().map(|expr| expr.renamed(rename)).collect();
        let one = |operand| match operand {
            Operand::Field(name) => Operand::Field(rename(name)),
            text @ Operand::Text(_) => text,
        };
        match self {
            Self::Any(exprs) => Self::Any(all(exprs)),
            Self::All(exprs) => Self::All(all(exprs)),
            Self::Same(left, right, equal) => Self::Same(one(left), one(right), equal),
        }
    }

    /// Whether it holds; `values` returns the texts of a field.
    pub(super) fn holds(&self, values: &dyn Fn(&str) -> Vec<String>, org: &OrgName) -> bool {
        match self {
            Self::Any(exprs) => exprs.iter().any(|expr| expr.holds(values, org)),
            Self::All(exprs) => exprs.iter().all(|expr| expr.holds(values, org)),
            Self::Same(left, right, equal) => {
                let texts = |operand: &Operand| match operand {
                    Operand::Text(text) => vec![stored_form(text, org)],
                    // A field without a value is the same as an empty text.
                    Operand::Field(name) => {
                        let texts = values(name);
                        if texts.is_empty() { vec![String::new()] } else { texts }
                    }
                };
                let right = texts(right);
                texts(left).iter().any(|text| right.contains(text)) == *equal
            }
        }
    }
}

/// A literal that spells an id is compared as documents spell it.
fn stored_form(text: &str, org: &OrgName) -> String {
    Id::parse(text, org).map_or_else(|_| text.to_owned(), |id| id.to_string())
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Equal,
    NotEqual,
    And,
    Or,
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let symbol = [
            ("==", Token::Equal),
            ("!=", Token::NotEqual),
            ("&&", Token::And),
            ("||", Token::Or),
            ("(", Token::Open),
            (")", Token::Close),
        ]
        .into_iter()
        .find_map(|(symbol, token)| Some((token, rest.strip_prefix(symbol)?)));
        let (token, after) = if let Some(found) = symbol {
            found
        } else if matches!(first, '\'' | '"') {
            let end = rest[1..].find(first).ok_or_else(|| format!("{rest:?} has no end quote"))?;
            (Token::Text(rest[1..=end].to_owned()), &rest[end + 2..])
        } else {
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '$');
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("{first:?} means nothing here"));
            }
            (Token::Word(rest[..end].to_owned()), &rest[end..])
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.first() == Some(token);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    fn any(&mut self) -> Result<Expr, String> {
        let first = self.all()?;
        let mut exprs = vec![first];
        while self.take(&Token::Or) {
            exprs.push(self.all()?);
        }
        Ok(Expr::Any(exprs))
    }

    fn all(&mut self) -> Result<Expr, String> {
        let first = self.comparison()?;
        let mut exprs = vec![first];
        while self.take(&Token::And) {
            exprs.push(self.comparison()?);
        }
        Ok(Expr::All(exprs))
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        if self.take(&Token::Open) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(format!("parentheses are nested deeper than {DEEPEST}"));
            }
            let inner = self.any()?;
            self.depth -= 1;
            return if self.take(&Token::Close) {
                Ok(inner)
            } else {
                Err("a closing parenthesis is missing".to_owned())
            };
        }
        let left = self.operand()?;
        let equal = self.take(&Token::Equal);
        if !equal && !self.take(&Token::NotEqual) {
            return Err(format!("== or != is missing after {left:?}"));
        }
        Ok(Expr::Same(left, self.operand()?, equal))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err("an operand is missing at the end".to_owned());
        };
        self.tokens = rest;
        match token {
            Token::Text(text) => Ok(Operand::Text(text.clone())),
            Token::Word(word) if is_literal(word) => Ok(Operand::Text(word.clone())),
            Token::Word(word) => {
                Ok(Operand::Field(word.strip_prefix('$').unwrap_or(word).to_owned()))
            }
            other => Err(format!("{other:?} is no operand")),
        }
    }
}

fn is_literal(word: &str) -> bool {
    matches!(word, "true" | "false") || word.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let org = OrgName { partition: "p".into(), org: "o".into() };
        let values = |name: &str| -> Vec<String> {
            let texts: &[&str] = match name {
                "stage" => &["custom_stage/8"],
                "tags" => &["a", "b"],
                "custom_fields.n" => &["7"],
                _ => &[],
            };
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        Expr::parse(text).expect("an expression").holds(&values, &org)
    }

    #[test]
    fn expressions_hold_or_do_not() {
        for text in [
            "stage == 'don:core:p:devo/o:custom_stage/8'",
            "stage == \"STAGE-8\"",
            "tags == 'b'",
            "tags != 'c'",
            "absent == ''",
            "custom_fields.n == 7",
            "stage == 'x' || tags == 'a' && custom_fields.n == '7'",
            "(stage == 'x' || tags == 'a') && custom_fields.n == '7'",
        ] {
            assert!(holds(text), "{text}");
        }
        for text in ["stage != 'STAGE-8'", "tags == 'c'", "absent != ''", "stage == tags"] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        let deep = format!("{}a == 'b'{}", "(".repeat(60), ")".repeat(60));
        for text in [
            "",
            "a",
            "a ==",
            "a == 'b",
            "a = 'b'",
            "(a == 'b'",
            "a == 'b' c",
            "== 'b'",
            "a ! b",
            &deep,
        ] {
            assert!(Expr::parse(text).is_err(), "{text}");
        }
    }
}
