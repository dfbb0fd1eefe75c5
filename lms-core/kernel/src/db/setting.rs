//! The address of a database, as a person writes it.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sqlx::postgres::PgConnectOptions;

/// Which database to use: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
///
/// Prints and serialises itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseSetting {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL server. Prints itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// What sqlx connects with.
    pub(super) fn options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        self.0.parse()
    }

    /// The whole address with its password, to hand to another program.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A text that is no address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Neither engine.
    #[error("expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`")]
    UnknownScheme,
    /// `sqlite:` and nothing after it.
    #[error("the path is missing: write `sqlite:PATH`, for example `sqlite:data/porter.db`")]
    NoPath,
    /// An in-memory database cannot be shared by several connections.
    #[error("an in-memory database keeps nothing: write `sqlite:PATH` with a file")]
    InMemory,
    /// sqlx does not understand it.
    #[error("not a PostgreSQL address: {0}")]
    Postgres(String),
}

impl FromStr for PostgresUrl {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        if !(text.starts_with("postgres://") || text.starts_with("postgresql://")) {
            return Err(SettingError::UnknownScheme);
        }
        let url = Self(text.to_owned());
        match url.options() {
            Ok(_) => Ok(url),
            Err(sqlx::Error::Configuration(cause)) => Err(SettingError::Postgres(cause.to_string())),
            Err(other) => Err(SettingError::Postgres(other.to_string())),
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // scheme://user:password@host: the password lies between the first `:` of the authority
        // and its last `@`. A password may also be a parameter, so none of them is shown.
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", ""));
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        match rest.rsplit_once('@') {
            Some((user, host)) => {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                let hidden = if password.is_empty() { "" } else { ":***" };
                write!(f, "{scheme}://{name}{hidden}@{host}")
            }
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DatabaseSetting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let Some(path) = text.strip_prefix("sqlite:") else {
            return text.parse().map(Self::Postgres);
        };
        // sqlite:PATH, and also the forms that other programs write: sqlite://PATH.
        match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(SettingError::NoPath),
            ":memory:" => Err(SettingError::InMemory),
            path => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

impl fmt::Display for DatabaseSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// With the password: configuration is merged in serialised form. Show [`DatabaseSetting`] through
/// `Display` instead.
impl Serialize for DatabaseSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Sqlite(_) => serializer.collect_str(self),
            Self::Postgres(url) => serializer.serialize_str(url.reveal()),
        }
    }
}

impl<'de> Deserialize<'de> for DatabaseSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text itself stays out of the message: it may hold a password.
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Read replicas: none, one address, or a list of them. Serialises itself with passwords, as [`DatabaseSetting`] does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReplicaSettings(pub Vec<DatabaseSetting>);

impl<'s> IntoIterator for &'s ReplicaSettings {
    type Item = &'s DatabaseSetting;
    type IntoIter = std::slice::Iter<'s, DatabaseSetting>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for ReplicaSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> de::Visitor<'de> for OneOrMany {
            type Value = Vec<DatabaseSetting>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the address of a replica as a string, or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![text.parse().map_err(E::custom)?])
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut found = Vec::new();
                while let Some(one) = list.next_element()? {
                    found.push(one);
                }
                Ok(found)
            }
        }

        deserializer.deserialize_any(OneOrMany).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseSetting, String> {
        text.parse().map_err(|error: SettingError| error.to_string())
    }

    #[test]
    fn paths_and_addresses_are_told_apart() {
        assert_eq!(parse("sqlite:data/porter.db"), Ok(DatabaseSetting::Sqlite("data/porter.db".into())));
        assert_eq!(parse("sqlite:///var/p.db"), Ok(DatabaseSetting::Sqlite("/var/p.db".into())));
        assert!(matches!(parse("postgres://u@h/n"), Ok(DatabaseSetting::Postgres(_))));
        assert!(matches!(parse("postgresql://u@h/n"), Ok(DatabaseSetting::Postgres(_))));
    }

    #[test]
    fn what_is_neither_is_refused_with_the_form_to_write() {
        assert!(parse("porter.db").unwrap_err().contains("`sqlite:PATH`"));
        assert!(parse("mysql://u@h/n").unwrap_err().contains("`sqlite:PATH` or `postgres://"));
        assert!(parse("sqlite:").unwrap_err().contains("the path is missing"));
        assert!(parse("sqlite::memory:").unwrap_err().contains("keeps nothing"));
        assert!(parse("postgres://u@h:port/n").unwrap_err().contains("not a PostgreSQL address"));
    }

    #[test]
    fn a_password_is_not_printed() {
        for text in ["postgres://ann:secret@db:5432/porter", "postgres://ann:secret:se@cret@db:5432/porter?password=secret"] {
            let setting = parse(text).unwrap();
            assert_eq!(setting.to_string(), "postgres://ann:***@db:5432/porter");
            assert_eq!(format!("{setting:?}"), "postgres://ann:***@db:5432/porter");
        }
        assert_eq!(parse("postgres://db/porter").unwrap().to_string(), "postgres://db/porter");
        assert_eq!(parse("sqlite:p.db").unwrap().to_string(), "sqlite:p.db");
    }

    #[test]
    fn replicas_are_one_or_a_list() {
        let read = |text: &str| serde_json::from_str::<ReplicaSettings>(text).map(|replicas| replicas.0.len());
        assert_eq!(read("\"postgres://a/n\"").unwrap(), 1);
        assert_eq!(read("[\"postgres://a/n\", \"postgres://b/n\"]").unwrap(), 2);
        assert_eq!(read("[]").unwrap(), 0);
        assert!(!read("\"redis://:secret@h\"").unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn configuration_keeps_the_password() {
        let setting = parse("postgres://ann:secret@db/porter").unwrap();
        let text = serde_json::to_string(&setting).unwrap();
        assert_eq!(serde_json::from_str::<DatabaseSetting>(&text).unwrap(), setting);
        let error = serde_json::from_str::<DatabaseSetting>("\"redis://:secret@h\"").unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
