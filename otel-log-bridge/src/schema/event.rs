//! Events as structs, checked when they are compiled.

use super::FieldType;

/// A type that a field of a [`log_event!`](crate::log_event) may have.
pub trait LogValue {
    /// The type it is declared as.
    const TYPE: FieldType;
    /// Whether an event always has it.
    const IS_REQUIRED: bool = true;
}

macro_rules! values {
    ($($kind:ident: $($type:ty),+;)+) => {
        $($(
            impl LogValue for $type {
                const TYPE: FieldType = FieldType::$kind;
            }
        )+)+
    };
}

values! {
    Text: str, String;
    Integer: i8, i16, i32, i64, u8, u16, u32;
    Float: f32, f64;
    Boolean: bool;
}

impl<T: LogValue + ?Sized> LogValue for &T {
    const TYPE: FieldType = T::TYPE;
    const IS_REQUIRED: bool = T::IS_REQUIRED;
}

impl<T: LogValue> LogValue for Option<T> {
    const TYPE: FieldType = T::TYPE;
    const IS_REQUIRED: bool = false;
}

/// Whether a table of fields has one of this name that takes this type. For
/// [`log_event!`](crate::log_event), at compile time.
#[doc(hidden)]
#[must_use]
pub const fn declares(table: &[(&str, FieldType)], name: &str, kind: FieldType) -> bool {
    let mut table = table;
    while let [(declared, takes), rest @ ..] = table {
        if is_same(declared.as_bytes(), name.as_bytes()) {
            return takes.takes(kind);
        }
        table = rest;
    }
    false
}

const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, one_rest @ ..], [b, other_rest @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        one = one_rest;
        other = other_rest;
    }
    one.is_empty() && other.is_empty()
}

/// Declares an event as a struct: its name, its level, its fields and their types, all of them
/// compared with a table of declared fields when it is compiled.
///
/// A field that is not in the table, or is there under another type, does not compile. An `Option`
/// is a field the event may lack.
///
/// ```
/// use otel_log_bridge::{FieldType, Schema, log_event};
///
/// /// Every field the shop logs.
/// const FIELDS: &[(&str, FieldType)] = &[
///     ("order.id", FieldType::Text),
///     ("amount", FieldType::Float),
///     ("coupon", FieldType::Text),
/// ];
///
/// log_event! {
///     /// An order was placed.
///     pub struct OrderPlaced<'a>: INFO "order.placed" in FIELDS {
///         id: &'a str = "order.id",
///         amount: f64 = "amount",
///         coupon: Option<&'a str> = "coupon",
///     }
/// }
///
/// OrderPlaced { id: "o-17", amount: 12.5, coupon: None }.emit();
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let schema = Schema::builder("shop.logs", 1)
///     .add_event(OrderPlaced::EVENT, OrderPlaced::fields())
///     .build()?;
/// assert!(schema.event_fields("order.placed").any(|field| field.is_required()));
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail
/// use otel_log_bridge::{FieldType, log_event};
///
/// const FIELDS: &[(&str, FieldType)] = &[("amount", FieldType::Float)];
///
/// log_event! {
///     /// The amount is a number.
///     pub struct OrderPlaced: INFO "order.placed" in FIELDS {
///         amount: bool = "amount",
///     }
/// }
/// ```
#[macro_export]
macro_rules! log_event {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? : $level:ident $event:literal in $table:path {
            $($(#[$field_meta:meta])* $field:ident : $type:ty = $key:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name $(<$life>)? {
            $(
                #[doc = concat!("The field `", $key, "`.")]
                $(#[$field_meta])*
                pub $field: $type,
            )*
        }

        const _: () = {
            const fn declared $(<$life>)? () {
                $(
                    assert!(
                        $crate::declares($table, $key, <$type as $crate::LogValue>::TYPE),
                        concat!("`", $key, "` is not declared, or of another type")
                    );
                )*
            }
            declared()
        };

        impl $(<$life>)? $name $(<$life>)? {
            /// The name of the event.
            pub const EVENT: &'static str = $event;

            /// Its fields, for a schema.
            #[must_use]
            pub fn fields() -> Vec<$crate::SchemaField> {
                vec![$({
                    let field =
                        $crate::SchemaField::new($key, <$type as $crate::LogValue>::TYPE);
                    if <$type as $crate::LogValue>::IS_REQUIRED {
                        field.required()
                    } else {
                        field
                    }
                }),*]
            }

            /// Logs it.
            pub fn emit(&self) {
                $crate::private::tracing::event!(
                    name: $event,
                    $crate::private::tracing::Level::$level,
                    $($key = &self.$field,)*
                );
            }
        }
    };
}
