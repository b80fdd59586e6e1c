//! The colour by which a person tells accounts apart.

use std::fmt;
use std::str::FromStr;

use crate::{Address, Invalid};

/// An opaque sRGB colour, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Color([u8; 3]);

/// Eight hues that carry white text at 4.5:1 (WCAG 2.2, 1.4.3) and differ in lightness as well.
const PALETTE: [Color; 8] = [
    Color([0x2f, 0x6f, 0x4f]),
    Color([0x00, 0x6f, 0xae]),
    Color([0x8a, 0x4b, 0xb8]),
    Color([0xa6, 0x55, 0x20]),
    Color([0xb0, 0x32, 0x5c]),
    Color([0x3f, 0x5b, 0xc4]),
    Color([0x0f, 0x73, 0x7a]),
    Color([0x6b, 0x66, 0x1c]),
];

impl Color {
    /// A colour for an account that was given none: always the same for the same address.
    pub fn for_address(address: &Address) -> Self {
        // FNV-1a: spreads short texts well and gives the same colour on every device.
        let hash = address
            .key()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let index = usize::try_from(hash % PALETTE.len() as u64).unwrap_or_default();
        PALETTE[index]
    }
}

impl FromStr for Color {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.trim().strip_prefix('#').ok_or(Invalid::Color)?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Invalid::Color);
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| Invalid::Color)?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

crate::text::serde_as_string!(Color);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reads_back(rgb: [u8; 3]) {
            let color = Color(rgb);
            prop_assert_eq!(color.to_string().parse::<Color>(), Ok(color));
            prop_assert_eq!(color.to_string().to_uppercase().parse::<Color>(), Ok(color));
        }

        #[test]
        fn refuses_the_rest(text in "#?[0-9a-g]{0,5}|#[0-9a-f]{7,9}|red") {
            prop_assert_eq!(text.parse::<Color>(), Err(Invalid::Color));
        }
    }
}
