using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Dit.Audit;
using Dit.Behaviours;
using Dit.Server.Safety;
using Dit.Server.Shelving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.Api;

/// <summary><c>/api/assess</c>: how sure an adapter is of one answer, and what it says where there is nothing to be told.</summary>
internal static class AssessEndpoints
{
    private const int LongestQuestion = 4000;

    /// <summary>Adds it.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        var limits = parts.Settings.Assessments;
        var (running, taken) = (new SemaphoreSlim(limits.AtOnce), new SemaphoreSlim(limits.AtOnce + limits.Waiting));
        routes.MapPost("/api/assess", (HttpContext context, CancellationToken aborted) => Assess(context, parts, running, taken, aborted)).WithName("assess")
            .WithSummary("Asks an adapter about a finetune several times, weighs the labels it could have named, and asks where there is nothing to tell.")
            .Accepts<AssessAsked>("application/json").ProducesErrors(400, 404, 408, 415, 422, 429);
    }

    private static async Task<Ok<AssessBody>> Assess(HttpContext context, ServerParts parts, SemaphoreSlim running, SemaphoreSlim taken, CancellationToken aborted)
    {
        var asked = await JsonBody.Read<AssessAsked>(context, parts.Settings.Connections.Body);
        var question = asked.Question is { Length: > 0 and <= LongestQuestion } some ? some : throw RefusedException.Bad($"question: expected one of 1 to {LongestQuestion} characters, found none or a longer one", "question");
        var strength = AskEndpoints.Strength(asked.Strength);
        var adapter = parts.Adapters.RequireOrDefault(asked.Adapter);
        if (!await taken.WaitAsync(0, aborted))
        {
            throw RefusedException.Busy("as many answers are being assessed as the server takes on; try again in a moment");
        }

        try
        {
            await running.WaitAsync(aborted);
            try
            {
                using var lease = await parts.Shelf.Lease(JsonBody.RequireId(asked.Finetune), aborted);
                AskedAnswer.RequireStrength(lease.Entry, strength);
                var clock = Stopwatch.StartNew();
                var answer = await Task.Run(() => Ask(adapter, lease, question, strength, aborted), CancellationToken.None);
                return TypedResults.Ok(AssessBody.Of(answer, clock.Elapsed.TotalSeconds));
            }
            finally
            {
                running.Release();
            }
        }
        finally
        {
            taken.Release();
        }
    }

    private static AuditAnswer Ask(OfferedAdapter adapter, FinetuneLease lease, string question, double strength, CancellationToken aborted)
    {
        try
        {
            return adapter.Auditor.Questions.Ask(lease.Finetune!, lease.Entry.Offer.Name, question, strength, cancellation: aborted);
        }
        catch (DitException e)
        {
            throw RefusedException.Unusable(lease.Entry.Told(e.Message), e);
        }
    }
}

/// <summary>How many answers are assessed.</summary>
/// <param name="AtOnce">At the same time.</param>
/// <param name="Waiting">That wait for their turn.</param>
public sealed record AssessmentLimits(int AtOnce = 1, int Waiting = 8);

/// <summary>What is to be assessed.</summary>
internal sealed record AssessAsked
{
    /// <summary>Id of the finetune.</summary>
    [Required]
    public string Finetune { get; init; } = "";

    /// <summary>Id of the DIT adapter; null for the default one.</summary>
    public string? Adapter { get; init; }

    /// <summary>The question.</summary>
    [Required]
    public string Question { get; init; } = "";

    /// <summary>By what the finetune's diff is multiplied.</summary>
    public double Strength { get; init; } = 1;
}

/// <summary>How sure an adapter is of an answer.</summary>
/// <param name="Setting">What the question is about.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The likeliest answer.</param>
/// <param name="SaysNothing">Whether it means that there is nothing.</param>
/// <param name="Samples">Answers drawn at random, to this and other wordings.</param>
/// <param name="Agreement">Share of them that are the answer.</param>
/// <param name="Labels">The likeliest labels of those that are known; empty where none are.</param>
/// <param name="Controls">The same question where there is nothing to be told.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record AssessBody(
    Setting Setting, string Question, string Answer, bool SaysNothing, IReadOnlyList<string> Samples, double Agreement, IReadOnlyList<LabelShare> Labels, IReadOnlyList<AuditControl> Controls, double Seconds)
{
    /// <summary>An answer of an audit, told alone.</summary>
    public static AssessBody Of(AuditAnswer answer, double seconds) =>
        new(answer.Setting, answer.Question, answer.Answer, answer.SaysNothing, answer.Samples, answer.Agreement, answer.Labels, answer.Controls, seconds);
}
