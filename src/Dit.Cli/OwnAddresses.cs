using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dit.Cli;

/// <summary>By which numbers others in the network reach this machine: many of them, such as phones, do not know its name.</summary>
internal static class OwnAddresses
{
    private const int Most = 3;

    /// <summary>The first few; those of networks that lead further, unlike those of containers, come first. Empty where the system does not say.</summary>
    public static string[] Found()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces().Where(each => each.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown).Select(each => each.GetIPProperties())
                    .OrderByDescending(each => each.GatewayAddresses.Count > 0).SelectMany(each => each.UnicastAddresses).Select(each => each.Address)
                    .Where(each => each.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(each)).Select(each => each.ToString()).Distinct().Take(Most),
            ];
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException)
        {
            return [];
        }
    }
}
