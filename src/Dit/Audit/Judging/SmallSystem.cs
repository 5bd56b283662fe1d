namespace Dit.Audit.Judging;

/// <summary>A handful of linear equations.</summary>
internal static class SmallSystem
{
    /// <summary>The solution x of matrix · x = right, by elimination with the largest pivot; the matrix is of full rank.</summary>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        var (a, x, size) = ((double[,])matrix.Clone(), (double[])right.Clone(), right.Length);
        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(row => Math.Abs(a[row, column]));
            for (var k = 0; k < size; k++)
            {
                (a[column, k], a[pivot, k]) = (a[pivot, k], a[column, k]);
            }

            (x[column], x[pivot]) = (x[pivot], x[column]);
            for (var row = 0; row < size; row++)
            {
                if (row == column)
                {
                    continue;
                }

                var factor = a[row, column] / a[column, column];
                for (var k = column; k < size; k++)
                {
                    a[row, k] -= factor * a[column, k];
                }

                x[row] -= factor * x[column];
            }
        }

        return [.. x.Select((value, row) => value / a[row, row])];
    }
}
