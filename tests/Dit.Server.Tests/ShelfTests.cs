using System.Net;
using Dit.Server.Safety;
using Dit.Server.Shelving;

namespace Dit.Server;

public sealed class ShelfTests
{
    [Fact]
    public async Task Where_memory_gets_short_those_go_that_were_not_used_for_longest_and_come_back_when_they_are_asked()
    {
        var bytes = await BytesOfOne();
        using var shelf = Shelf(5 * bytes / 2, out var ids);
        foreach (var id in new[] { ids[0], ids[1], ids[0], ids[2] })
        {
            using var lease = await shelf.Lease(id, TestContext.Current.CancellationToken);
            Assert.NotNull(lease.Finetune);
            Assert.True(shelf.LoadedBytes <= 5 * bytes / 2);
        }

        Assert.Equal([ids[0], ids[2]], shelf.Entries.Where(entry => entry.Loaded is not null).Select(entry => entry.Id));
        using var back = await shelf.Lease(ids[1], TestContext.Current.CancellationToken);
        Assert.Equal([ids[1], ids[2]], shelf.Entries.Where(entry => entry.Loaded is not null).Select(entry => entry.Id));
    }

    [Fact]
    public async Task What_is_used_never_goes_and_who_finds_no_room_is_told_to_come_back()
    {
        var bytes = await BytesOfOne();
        using var shelf = Shelf(5 * bytes / 2, out var ids);
        var first = await shelf.Lease(ids[0], TestContext.Current.CancellationToken);
        using var second = await shelf.Lease(ids[1], TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => shelf.Lease(ids[2], TestContext.Current.CancellationToken));
        Assert.Equal((429, 1), (refused.Status, refused.RetryAfter));
        Assert.Equal(0, shelf.Find(ids[2])!.Users);
        Assert.NotNull(first.Entry.Loaded);
        first.Dispose();
        first.Dispose(); // Ending a lease twice ends it once.
        using var third = await shelf.Lease(ids[2], TestContext.Current.CancellationToken);
        Assert.Null(shelf.Find(ids[0])!.Loaded);
        Assert.Equal(1, shelf.Find(ids[1])!.Users);
    }

    [Fact]
    public async Task What_can_never_fit_is_refused_for_good()
    {
        using var shelf = Shelf(1000, out var ids);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => shelf.Lease(ids[0], TestContext.Current.CancellationToken));
        Assert.Equal((int)HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(0, shelf.LoadedBytes);
    }

    [Fact]
    public async Task Many_that_want_the_same_finetune_at_once_get_the_same_one()
    {
        using var shelf = Shelf(1 << 30, out var ids);
        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => shelf.Lease(ids[0], TestContext.Current.CancellationToken))));
        Assert.Single(leases.Select(lease => lease.Finetune).Distinct());
        Assert.Equal(20, shelf.Find(ids[0])!.Users);
        Array.ForEach(leases, lease => lease.Dispose());
        Assert.Equal(0, shelf.Find(ids[0])!.Users);
        Assert.Equal(await BytesOfOne(), shelf.LoadedBytes);
    }

    [Theory]
    [InlineData("Alba", "alba")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("Ünïcode  &  más", "n-code-m-s")]
    [InlineData("???", "finetune")]
    [InlineData("base", "base-2")]
    [InlineData("taken", "taken-2")]
    public void Ids_are_of_small_letters_digits_and_hyphens_whatever_the_name_is(string name, string id) => Assert.Equal(id, ShelfId.Of(name, each => each == "taken"));

    [Fact]
    public void Every_finetune_in_a_folder_of_them_is_offered_and_one_alone_alone()
    {
        Assert.Equal(ShippedModels.Gallery.Count, OfferedFinetune.Named(ShippedModels.Folder("tiny-gallery")).Count);
        Assert.Equal(Path.GetFileName(ShippedModels.Gallery[0].Source), Assert.Single(OfferedFinetune.Named(ShippedModels.Gallery[0].Source)).Name);
        Assert.Equal("set#3", Assert.Single(OfferedFinetune.Named("/some/set#3")).Name);
    }

    private static Shelf Shelf(long budget, out string[] ids)
    {
        var shelf = new Shelf(ShippedModels.Base, budget, _ => { });
        ids = [.. ShippedModels.Gallery.Take(3).Select(offer => shelf.Add(offer).Id)];
        return shelf;
    }

    private static async Task<long> BytesOfOne()
    {
        using var shelf = Shelf(1 << 30, out var ids);
        using var lease = await shelf.Lease(ids[0], TestContext.Current.CancellationToken);
        return shelf.LoadedBytes;
    }
}
