//! Who may read an article.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Readers, the widest circle first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    #[default]
    Everyone,
    /// The people who work at the academy.
    Staff,
}

impl Audience {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Staff => "staff",
        }
    }

    /// The audiences whose articles this reader may see.
    pub(crate) const fn may_read(self) -> &'static [Self] {
        match self {
            Self::Everyone => &[Self::Everyone],
            Self::Staff => &[Self::Everyone, Self::Staff],
        }
    }

    /// Whether this reader may see an article that is for `audience`.
    pub fn reads(self, audience: Self) -> bool {
        self.may_read().contains(&audience)
    }
}

/// A text that names no audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no audience: write everyone or staff")]
pub struct UnknownAudience(pub String);

impl FromStr for Audience {
    type Err = UnknownAudience;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "everyone" => Ok(Self::Everyone),
            "staff" => Ok(Self::Staff),
            _ => Err(UnknownAudience(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_reads_all_and_everyone_reads_what_is_for_everyone() {
        use Audience::{Everyone, Staff};
        assert!(Everyone.reads(Everyone) && !Everyone.reads(Staff) && Staff.reads(Everyone) && Staff.reads(Staff));
        for audience in [Everyone, Staff] {
            assert_eq!(audience.as_str().parse(), Ok(audience));
        }
        assert!("Staff".parse::<Audience>().unwrap_err().to_string().contains("everyone or staff"));
    }
}
