//! The names: all that the part which reads untrusted text can yield. No argument, no subject, no address.

use serde::{Deserialize, Serialize};

macro_rules! catalogue {
    ($($variant:ident = $name:literal: $about:literal,)+) => {
        /// An action by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ActionName { $(#[doc = $about] $variant,)+ }

        impl ActionName {
            /// Every action, in the catalogue's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as it stands in files and in the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it does, in words that a person may be shown.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about),+ }
            }
        }
    };
}

catalogue! {
    PasswordReset = "password_reset": "Send a link for a new password to the address on file.",
    CertificateResend = "certificate_resend": "Send an earned certificate again to the address on file.",
    CertificateMissing = "certificate_missing": "Find out why a certificate has not been issued.",
    RefundStatus = "refund_status": "Look up the state of a refund.",
    ChargeQuestion = "charge_question": "Explain a charge from the order ledger.",
    AccessAfterPayment = "access_after_payment": "Find out why a paid course cannot be seen.",
    ProgressMissing = "progress_missing": "Find out why a finished lesson is not counted.",
}

impl std::fmt::Display for ActionName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serialised_name_is_the_catalogue_name() {
        for action in ActionName::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
    }
}
