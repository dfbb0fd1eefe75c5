//! Ids and closed sets of words.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A student's conversation with the desk.
    ConversationId
);
id!(
    /// A case in the agents' queue. Its `number` is what people say to each other.
    TicketId
);
id!(
    /// An agent or an administrator.
    StaffId
);

/// A word that is not one of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a {set}")]
pub struct UnknownWord {
    /// The set that was meant, for example `holder`.
    pub set: &'static str,
    /// What was found.
    pub word: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $set:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word that is stored and sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err(UnknownWord { set: $set, word: other.to_owned() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;

            fn try_from(word: String) -> Result<Self, UnknownWord> {
                word.parse()
            }
        }
    };
}

words!(
    /// Who may speak to the student now. Every change raises the conversation's epoch.
    Holder as "holder" {
        /// The bot answers.
        Bot = "bot",
        /// Waiting for a person; the bot is silent.
        Queue = "queue",
        /// A person holds the conversation; the bot is silent.
        Agent = "agent",
        /// Over. The student's next message reopens it with the bot.
        Closed = "closed",
    }
);
words!(
    /// Who wrote a message.
    Author as "author" {
        /// The person asking.
        Student = "student",
        /// The bot.
        Bot = "bot",
        /// A person of the staff.
        Agent = "agent",
        /// A fixed text of the desk itself.
        System = "system",
    }
);
words!(
    /// How a conversation came in, and how its answers go out.
    Channel as "channel" {
        /// The widget.
        Chat = "chat",
        /// E-mail.
        Mail = "mail",
        /// Another system, such as a contact form.
        Api = "api",
    }
);
words!(
    /// Where a ticket is.
    TicketStatus as "ticket status" {
        /// Nobody has it.
        Queued = "queued",
        /// Somebody has it.
        Claimed = "claimed",
        /// Done.
        Resolved = "resolved",
    }
);
words!(
    /// What a member of staff may do.
    Role as "role" {
        /// Works the inbox.
        Agent = "agent",
        /// Works the inbox and reads the reports.
        Admin = "admin",
    }
);
