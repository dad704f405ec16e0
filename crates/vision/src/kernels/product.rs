//! Products of matrices, by the kernels of the `gemm` crate. They choose the processor's vectors at run time.

/// A matrix in a slice: the number at (row, column) lies at `row · row_stride + column · column_stride`.
///
/// Rows may overlap, which makes a convolution a product without copying its windows.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
}

impl<'a> View<'a> {
    /// `rows` × `columns` numbers, row after row.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// Columns as rows.
    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn is_within(&self) -> bool {
        span(self.rows, self.row_stride, self.columns, self.column_stride).is_some_and(|span| span <= self.data.len())
    }
}

/// Numbers from the first to the last of a matrix that is not empty.
fn span(rows: usize, row_stride: usize, columns: usize, column_stride: usize) -> Option<usize> {
    let down = rows.checked_sub(1)?.checked_mul(row_stride)?;
    let across = columns.checked_sub(1)?.checked_mul(column_stride)?;
    down.checked_add(across)?.checked_add(1)
}

/// `a` · `b` into the first rows of `out`, which are as long as `b` is wide; on top of what is there if `add`.
///
/// # Panics
/// When the matrices do not fit each other or their slices.
#[allow(unsafe_code)]
pub(crate) fn multiply(out: &mut [f32], a: View<'_>, b: View<'_>, add: bool) {
    let (rows, columns, inner) = (a.rows, b.columns, a.columns);
    assert_eq!(inner, b.rows, "columns of the one must be rows of the other");
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(span(rows, columns, columns, 1).is_some_and(|span| span <= out.len()), "the product does not fit");
    assert!(a.is_within() && b.is_within(), "a matrix does not fit its slice");
    // Of an existing slice every offset is below `isize::MAX`.
    let stride = |stride: usize| stride as isize;
    // SAFETY: all that is read and written lies at the offsets (row · row stride + column · column stride). The largest of
    // them was just checked to lie within each slice; all strides are positive. `out` is borrowed alone, so what is
    // written is not read through `a` or `b`, and its rows do not overlap, as they are as far apart as they are long.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            stride(columns),
            add,
            a.data.as_ptr(),
            stride(a.column_stride),
            stride(a.row_stride),
            b.data.as_ptr(),
            stride(b.column_stride),
            stride(b.row_stride),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
