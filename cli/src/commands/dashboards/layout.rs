//! The positions of panels in lines, without overlap.

/// A size in columns and rows of a grid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Size {
    pub width: u32,
    pub height: u32,
}

/// The position of a panel: its upper left corner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Spot {
    pub x: u32,
    pub y: u32,
    pub size: Size,
}

/// Places panels side by side, and starts a new line if there is no room. Panels in a line have the same height. Returns
/// the positions and the total height.
pub(super) fn flow(sizes: &[Size], columns: u32) -> (Vec<Spot>, u32) {
    let mut spots: Vec<Spot> = Vec::with_capacity(sizes.len());
    let (mut x, mut y, mut height) = (0, 0, 0);
    for size in sizes {
        let size = Size {
            width: size.width.min(columns),
            height: size.height,
        };
        if x + size.width > columns || (height != 0 && size.height != height) {
            (x, y) = (0, y + height);
        }
        height = size.height;
        spots.push(Spot { x, y, size });
        x += size.width;
    }
    (spots, y + height)
}

#[cfg(test)]
pub(super) fn overlap(a: &Spot, b: &Spot) -> bool {
    let across = a.x < b.x + b.size.width && b.x < a.x + a.size.width;
    let down = a.y < b.y + b.size.height && b.y < a.y + a.size.height;
    across && down
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_stands_outside() {
        let sizes: Vec<_> = (0..40_u32)
            .map(|n| Size {
                width: 1 + (n * 7) % 30,
                height: 1 + (n / 3) % 4,
            })
            .collect();
        let (spots, height) = flow(&sizes, 24);
        for (at, spot) in spots.iter().enumerate() {
            assert!(spot.x + spot.size.width <= 24 && spot.y + spot.size.height <= height);
            assert!(
                spots[..at].iter().all(|other| !overlap(spot, other)),
                "{at}"
            );
        }
    }
}
