//! An answer: as a page sends it, and as it is kept.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Kind, Question};

/// Characters of a number or a short text.
pub(super) const LONGEST: usize = 500;

/// What somebody answered, in the question's own order. Whether it fits the question is for [`super::grade`] to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Answer {
    Choice(usize),
    Choices(BTreeSet<usize>),
    /// As typed: read when it is graded.
    Number(String),
    /// As typed.
    Text(String),
    /// For each item its place from 1; 0: none was given.
    Places(Vec<usize>),
}

/// What was sent cannot be an answer to this question: no page of ours sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an answer to this question: load the page again")]
pub struct Unreadable;

impl Answer {
    /// Reads what the page sent: indices and places in the order that it shows. `arrangement[shown] = own`. `None`: left empty.
    ///
    /// # Errors
    /// [`Unreadable`] for a choice that is not there, or a text of more than 500 characters.
    pub fn read(question: &Question, arrangement: &[usize], values: &[String]) -> Result<Option<Self>, Unreadable> {
        let own = |shown: &String| shown.parse::<usize>().ok().and_then(|shown| arrangement.get(shown).copied()).ok_or(Unreadable);
        match (&question.kind, values) {
            (Kind::Ordering { items }, values) if !values.is_empty() => places(items.len(), arrangement, values),
            (_, []) => Ok(None),
            (Kind::Single { .. }, [value]) => Ok(Some(Self::Choice(own(value)?))),
            (Kind::Multiple { .. }, values) => Ok(Some(Self::Choices(values.iter().map(own).collect::<Result<_, _>>()?))),
            (Kind::Numeric { .. } | Kind::ShortText { .. }, [value]) if value.trim().is_empty() => Ok(None),
            (Kind::Numeric { .. } | Kind::ShortText { .. }, [value]) if value.chars().count() > LONGEST => Err(Unreadable),
            (Kind::Numeric { .. }, [value]) => Ok(Some(Self::Number(value.trim().to_owned()))),
            (Kind::ShortText { .. }, [value]) => Ok(Some(Self::Text(value.trim().to_owned()))),
            _ => Err(Unreadable),
        }
    }

    /// The other way round: what a page that shows this arrangement would send.
    #[must_use]
    pub fn shown(&self, arrangement: &[usize]) -> Vec<String> {
        let shown = |own: &usize| arrangement.iter().position(|other| other == own).map(|place| place.to_string());
        match self {
            Self::Choice(own) => shown(own).into_iter().collect(),
            Self::Choices(own) => own.iter().filter_map(shown).collect(),
            Self::Number(text) | Self::Text(text) => vec![text.clone()],
            Self::Places(places) => {
                let place =
                    |own: &usize| places.get(*own).filter(|place| **place > 0).map_or_else(String::new, ToString::to_string);
                arrangement.iter().map(place).collect()
            }
        }
    }
}

fn places(items: usize, arrangement: &[usize], values: &[String]) -> Result<Option<Answer>, Unreadable> {
    if values.len() != items || arrangement.len() != items {
        return Err(Unreadable);
    }
    let mut places = vec![0; items];
    for (own, value) in arrangement.iter().zip(values) {
        let place = if value.is_empty() { 0 } else { value.parse::<usize>().map_err(|_| Unreadable)? };
        if place > items {
            return Err(Unreadable);
        }
        *places.get_mut(*own).ok_or(Unreadable)? = place;
    }
    Ok(places.iter().any(|place| *place > 0).then_some(Answer::Places(places)))
}
