namespace Dit.Server.Uploads;

/// <summary>How much may be uploaded.</summary>
/// <param name="UploadBytes">One finetune, all its files together.</param>
/// <param name="FilesPerUpload">Files of one finetune.</param>
/// <param name="QuotaBytes">All uploads that are kept, and those that are coming in.</param>
/// <param name="Uploads">How many are kept.</param>
/// <param name="AtOnce">How many may come in at once.</param>
public sealed record UploadLimits(long UploadBytes = 512L << 20, int FilesPerUpload = 32, long QuotaBytes = 2L << 30, int Uploads = 64, int AtOnce = 4);
