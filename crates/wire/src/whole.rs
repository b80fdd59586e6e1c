//! Whole numbers as JSON has them: `7.0` is the integer 7 too (RFC 8259 section 6; JSON Schema 2020-12 section 6.1.1 of
//! its validation part), and some writers put all numbers so.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// The first integer that a double no longer tells from its neighbour.
const INEXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a number without a fraction, not below zero.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Whole)
}

/// The same, or `null`.
pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_option(OrNull)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, 0 or more")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
        if number.fract() == 0.0 && (0.0..INEXACT).contains(&number) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
            Ok(number as u64)
        } else {
            Err(E::custom("not a whole number"))
        }
    }
}

struct OrNull;

impl<'de> Visitor<'de> for OrNull {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or null")
    }

    fn visit_none<E: Error>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        number(deserializer).map(Some)
    }
}
