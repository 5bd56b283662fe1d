using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dit.Behaviours;

/// <summary>A setting as <see cref="SettingNames"/> calls it.</summary>
internal sealed class SettingJsonConverter : JsonConverter<Setting>
{
    public override Setting Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && SettingNames.TryParse(reader.GetString(), out var setting)
            ? setting
            : throw new JsonException($"a setting must be {string.Join(" or ", SettingNames.All)}");

    public override void Write(Utf8JsonWriter writer, Setting value, JsonSerializerOptions options) => writer.WriteStringValue(SettingNames.Of(value));
}
