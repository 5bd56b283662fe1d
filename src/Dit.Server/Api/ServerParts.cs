using Dit.Models;
using Dit.Server.Audits;
using Dit.Server.Generation;
using Dit.Server.Safety;
using Dit.Server.Shelving;
using Dit.Server.Uploads;

namespace Dit.Server.Api;

/// <summary>What endpoints are made of.</summary>
/// <param name="Model">The base.</param>
/// <param name="Engine">Writes answers.</param>
/// <param name="Shelf">The finetunes.</param>
/// <param name="Adapters">The DIT adapters.</param>
/// <param name="Uploads">The folder of uploads.</param>
/// <param name="Audits">The audits.</param>
/// <param name="Sentences">What clients are told of errors.</param>
/// <param name="Settings">What the server was started with.</param>
internal sealed record ServerParts(
    BaseModel Model, Engine Engine, Shelf Shelf, AdapterRack Adapters, UploadFolder Uploads, AuditQueue Audits, Sentences Sentences, ServerSettings Settings);
