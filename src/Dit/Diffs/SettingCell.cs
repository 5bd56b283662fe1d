using CsvHelper;
using CsvHelper.Configuration;
using CsvHelper.TypeConversion;
using Dit.Behaviours;

namespace Dit.Diffs;

/// <summary>A setting as a cell of an index, under its name.</summary>
internal sealed class SettingCell : DefaultTypeConverter
{
    public override object? ConvertFromString(string? text, IReaderRow row, MemberMapData memberMapData) => SettingNames.TryParse(text, out var setting) ? setting
        : string.IsNullOrEmpty(text) && Nullable.GetUnderlyingType(memberMapData.Type) is not null ? null
        : throw new TypeConverterException(this, memberMapData, text ?? "", row.Context, "not a setting");

    public override string ConvertToString(object? value, IWriterRow row, MemberMapData memberMapData) => value is Setting setting ? SettingNames.Of(setting) : "";
}
