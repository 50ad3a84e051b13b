"""Documents in the formats of the AWS Price List and of the feeds behind its pages, with planted prices.

A machine's prices are given as texts, by term, as they stand in the documents; everything else that stands
beside them in a real document is added here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

COLUMNS_TEXT = """
SKU,OfferTermCode,RateCode,TermType,PriceDescription,EffectiveDate,StartingRange,EndingRange,Unit,
PricePerUnit,Currency,RelatedTo,LeaseContractLength,PurchaseOption,OfferingClass,Product Family,
serviceCode,Location,Location Type,Instance Type,Current Generation,Instance Family,vCPU,
Physical Processor,Clock Speed,Memory,Storage,Network Performance,Processor Architecture,
Storage Media,Volume Type,Max Volume Size,Max IOPS/volume,Max IOPS Burst Performance,
Max throughput/volume,Provisioned,Tenancy,EBS Optimized,Operating System,License Model,Group,
Group Description,Transfer Type,From Location,From Location Type,To Location,To Location Type,
usageType,operation,AvailabilityZone,CapacityStatus,ClassicNetworkingSupport,
Dedicated EBS Throughput,ECU,Elastic Graphics Type,Enhanced Networking Supported,From Region Code,
GPU,GPU Memory,Instance,Instance Capacity - 10xlarge,Instance Capacity - 12xlarge,
Instance Capacity - 16xlarge,Instance Capacity - 18xlarge,Instance Capacity - 24xlarge,
Instance Capacity - 2xlarge,Instance Capacity - 32xlarge,Instance Capacity - 4xlarge,
Instance Capacity - 8xlarge,Instance Capacity - 9xlarge,Instance Capacity - large,
Instance Capacity - medium,Instance Capacity - metal,Instance Capacity - xlarge,instanceSKU,
Intel AVX2 Available,Intel AVX Available,Intel Turbo Available,MarketOption,
Normalization Size Factor,Physical Cores,Pre Installed S/W,Processor Features,Product Type,
Region Code,Resource Type,serviceName,SnapshotArchiveFeeType,To Region Code,Volume API Name,
VPCNetworkingSupport
"""
COLUMNS = COLUMNS_TEXT.replace("\n", "").split(",")
PLAN_COLUMNS_TEXT = """
SKU,RateCode,Unit,EffectiveDate,DiscountedRate,Currency,DiscountedSKU,DiscountedServiceCode,
DiscountedUsageType,DiscountedOperation,PurchaseOption,LeaseContractLength,LeaseContractLengthUnit,
ServiceCode,UsageType,Operation,Description,Instance Family,Location,Location Type,Granularity,
Product Family,DiscountedRegionCode,DiscountedInstanceType
"""
PLAN_COLUMNS = PLAN_COLUMNS_TEXT.replace("\n", "").split(",")
LOCATIONS = {"us-east-1": "US East (N. Virginia)", "eu-central-1": "EU (Frankfurt)"}
USAGE_PREFIXES = {"us-east-1": "", "eu-central-1": "EUC1-"}
PUBLISHED = "2026-11-20T17:52:47Z"

Cells = dict[str, str]
Prices = Mapping[str, Mapping[str, str]]


def sku_of(*parts: str) -> str:
    """16 capital letters and digits that differ wherever the parts differ, as good as always."""
    alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
    number = int.from_bytes("|".join(parts).encode(), "big") * 2654435761 % 10**23
    signs = ""
    for _ in range(16):
        number, sign = divmod(number, len(alphabet))
        signs += alphabet[sign]
    return signs


def machine(region: str, instance_type: str, usd_per_hour: str, **changes: str) -> Cells:
    """One machine on demand: Linux, shared, without software. ``changes`` by column, `_` for a blank."""
    prefix = USAGE_PREFIXES[region]
    is_gpu = instance_type[0] in "gp"
    cells = {
        "SKU": "",
        "OfferTermCode": "JRTCKXETXF",
        "TermType": "OnDemand",
        "PriceDescription": f"${usd_per_hour} per On Demand Linux {instance_type} Instance Hour",
        "EffectiveDate": "2026-11-01",
        "StartingRange": "0",
        "EndingRange": "Inf",
        "Unit": "Hrs",
        "PricePerUnit": usd_per_hour,
        "Currency": "USD",
        "Product Family": "Compute Instance (bare metal)"
        if ".metal" in instance_type
        else "Compute Instance",
        "serviceCode": "AmazonEC2",
        "Location": LOCATIONS[region],
        "Location Type": "AWS Region",
        "Instance Type": instance_type,
        "Current Generation": "Yes",
        "Instance Family": "GPU instance" if is_gpu else "General purpose",
        "vCPU": "4",
        "Physical Processor": "AMD EPYC 7R32",
        "Memory": "1,952 GiB",
        "Storage": "1 x 250 NVMe SSD",
        "Network Performance": "Up to 10 Gigabit",
        "Processor Architecture": "64-bit",
        "Tenancy": "Shared",
        "Operating System": "Linux",
        "License Model": "No License required",
        "usageType": f"{prefix}BoxUsage:{instance_type}",
        "operation": "RunInstances",
        "AvailabilityZone": "NA",
        "CapacityStatus": "Used",
        "GPU": "1" if is_gpu else "",
        "GPU Memory": "NA",
        "MarketOption": "OnDemand",
        "Normalization Size Factor": "8",
        "Pre Installed S/W": "NA",
        "Processor Features": 'AVX; AVX2; "Turbo"',
        "Region Code": region,
        "serviceName": "Amazon Elastic Compute Cloud",
        "VPCNetworkingSupport": "true",
    }
    cells.update({name.replace("_", " "): text for name, text in changes.items()})
    cells["SKU"] = cells["SKU"] or sku_of(
        region,
        instance_type,
        *(cells[name] for name in ("usageType", "operation", "Operating System", "Tenancy", "MarketOption")),
        cells["Pre Installed S/W"],
    )
    cells["RateCode"] = f"{cells['SKU']}.{cells['OfferTermCode']}.6YS6EN2CT7"
    return cells


def reserved(base: Cells, usd_per_hour: str, years: int, option: str, offering: str) -> Cells:
    """The row for the hours of a reservation."""
    system = "Linux/UNIX (Amazon VPC)"
    return {
        **base,
        "OfferTermCode": sku_of(str(years), option, offering)[:10],
        "TermType": "Reserved",
        "PriceDescription": f"{system}, {base['Instance Type']} reserved instance applied",
        "PricePerUnit": usd_per_hour,
        "LeaseContractLength": f"{years}yr",
        "PurchaseOption": option,
        "OfferingClass": offering,
    }


def machine_rows(region: str, instance_type: str, prices: Mapping[str, str]) -> Iterator[Cells]:
    """All rows of a machine as a price list has them, with other prices where they are to be left out."""
    prefix = USAGE_PREFIXES[region]
    base = machine(region, instance_type, prices.get("on_demand", "99.0000000000"))
    if "on_demand" in prices:
        yield base
    for years, option, offering in product(
        (1, 3), ("No Upfront", "Partial Upfront", "All Upfront"), ("standard", "convertible")
    ):
        usd = "0.0000000000" if option == "All Upfront" else "0.0100000000"
        if (option, offering) == ("No Upfront", "standard"):
            if f"reserved_{years}y" not in prices:
                continue
            usd = prices[f"reserved_{years}y"]
        row = reserved(base, usd, years, option, offering)
        yield row
        if option != "No Upfront":
            yield {**row, "PriceDescription": "Upfront Fee", "Unit": "Quantity", "PricePerUnit": "1161"}
    yield machine(region, instance_type, "0.0000000000", MarketOption="CapacityBlock")
    for status, usage in (
        ("AllocatedCapacityReservation", "Reservation"),
        ("UnusedCapacityReservation", "UnusedBox"),
    ):
        usd = "0.0000000000" if usage == "Reservation" else base["PricePerUnit"]
        yield machine(
            region, instance_type, usd, CapacityStatus=status, usageType=f"{prefix}{usage}:{instance_type}"
        )
    for tenancy, usage in (("Dedicated", "DedicatedUsage"), ("Host", "HostBoxUsage")):
        yield machine(
            region,
            instance_type,
            "0.0200000000",
            Tenancy=tenancy,
            usageType=f"{prefix}{usage}:{instance_type}",
        )
    for system in ("Windows", "RHEL", "SUSE", "Red Hat Enterprise Linux with HA"):
        yield machine(
            region, instance_type, "0.0300000000", Operating_System=system, operation="RunInstances:0002"
        )
    for software in ("SQL Std", "SQL Ent", "SQL Web"):
        changes = {"Pre Installed S/W": software, "operation": "RunInstances:0004"}
        yield machine(region, instance_type, "0.0400000000", **changes)


def other_rows(region: str) -> Iterator[Cells]:
    """Rows of a price list that are no machines of the region: volumes, Local and Wavelength Zones, hosts."""
    yield {
        "SKU": sku_of(region, "gp3"),
        "TermType": "OnDemand",
        "PriceDescription": "$0.08 per GB-month of General Purpose (gp3) provisioned storage",
        "Unit": "GB-Mo",
        "PricePerUnit": "0.0800000000",
        "Currency": "USD",
        "Product Family": "Storage",
        "usageType": f"{USAGE_PREFIXES[region]}EBS:VolumeUsage.gp3",
        "Volume API Name": "gp3",
    }
    for zone, kind in (("LAX1", "AWS Local Zone"), ("WL1", "AWS Wavelength Zone")):
        changes = {
            "Location Type": kind,
            "Region Code": f"{region}-{zone.lower()}-1",
            "usageType": f"{zone}-BoxUsage:g4dn.2xlarge",
        }
        yield machine(region, "g4dn.2xlarge", "0.0500000000", **changes)
    changes = {"Product Family": "Dedicated Host", "CapacityStatus": "AllocatedHost", "Tenancy": "Host"}
    yield machine(region, "p4d", "0.0600000000", **changes)
    yield machine(region, "m5.large", "0.0960000000")


def quoted_line(texts: Iterable[str]) -> bytes:
    """A line as the price list writes it: what is not empty stands in quotes."""
    cells = ('"' + text.replace('"', '""') + '"' if text else "" for text in texts)
    return (",".join(cells) + "\n").encode()


def price_list(rows: Iterable[Cells], *, columns: Iterable[str] = COLUMNS) -> bytes:
    """A price list as CSV, with its metadata."""
    names = list(columns)
    metadata = (
        ("FormatVersion", "v1.0"),
        ("Disclaimer", "This pricing list is for informational purposes only, see the pages."),
        ("Publication Date", PUBLISHED),
        ("Version", "20261120175247"),
        ("OfferCode", "AmazonEC2"),
    )
    lines = [quoted_line(pair) for pair in metadata]
    lines.append(quoted_line(names))
    lines.extend(quoted_line(row.get(name, "") for name in names) for row in rows)
    return b"".join(lines)


def region_list(region: str, machines: Prices) -> bytes:
    """The price list of a region with these machines and all that stands around them."""
    rows = [row for name, prices in machines.items() for row in machine_rows(region, name, prices)]
    return price_list([*other_rows(region), *rows])


def plan_row(region: str, instance_type: str, usd_per_hour: str, years: int, **changes: str) -> Cells:
    """One rate of a compute savings plan without upfront payment."""
    sku = machine(region, instance_type, "1")["SKU"]
    plan = sku_of("plan", str(years), changes.get("PurchaseOption", ""), changes.get("Product_Family", ""))
    cells = {
        "SKU": plan,
        "RateCode": f"{plan}.{sku}",
        "Unit": "Hrs",
        "EffectiveDate": "2026-11-01T00:00:00Z",
        "DiscountedRate": usd_per_hour,
        "Currency": "USD",
        "DiscountedSKU": sku,
        "DiscountedServiceCode": "AmazonEC2",
        "DiscountedUsageType": f"{USAGE_PREFIXES[region]}BoxUsage:{instance_type}",
        "DiscountedOperation": "RunInstances",
        "PurchaseOption": "No Upfront",
        "LeaseContractLength": str(years),
        "LeaseContractLengthUnit": "year",
        "ServiceCode": "ComputeSavingsPlans",
        "UsageType": f"ComputeSP:{years}yrNoUpfront",
        "Description": f"{years} year No Upfront Compute Savings Plan",
        "Location": "Any",
        "Location Type": "AWS Region",
        "Granularity": "hourly",
        "Product Family": "ComputeSavingsPlans",
        "DiscountedRegionCode": region,
        "DiscountedInstanceType": instance_type,
    }
    cells.update({name.replace("_", " "): text for name, text in changes.items()})
    return cells


def plan_rows(region: str, instance_type: str, prices: Mapping[str, str]) -> Iterator[Cells]:
    """All rates of a machine; those that are left out have a price of their own."""
    for years in (1, 3):
        if f"savings_{years}y" not in prices:
            continue
        usd = prices[f"savings_{years}y"]
        yield plan_row(region, instance_type, usd, years)
        for option in ("Partial Upfront", "All Upfront"):
            yield plan_row(region, instance_type, "0.01", years, PurchaseOption=option)
        family = "EC2InstanceSavingsPlans"
        yield plan_row(region, instance_type, "0.02", years, Product_Family=family)
        windows = machine(region, instance_type, "1", Operating_System="Windows")["SKU"]
        yield plan_row(region, instance_type, "0.03", years, DiscountedSKU=windows)
        unused = f"UnusedBox:{instance_type}"
        yield plan_row(
            region, instance_type, "0.04", years, DiscountedUsageType=unused, DiscountedSKU=sku_of(unused)
        )
        yield plan_row(
            region,
            instance_type,
            "0.05",
            years,
            DiscountedServiceCode="AWSLambda",
            DiscountedUsageType="Lambda-GB-Second",
            DiscountedSKU=sku_of("lambda"),
        )


def savings_plans(rows: Iterable[Cells]) -> bytes:
    """A file of savings plans as CSV, unquoted where it can be."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows(
        (
            ("FormatVersion", "v1.0"),
            ("Disclaimer", "This pricing list is for informational purposes only."),
            ("Publication Date", PUBLISHED),
            ("Version", "20261120175247"),
            ("OfferCode", "AWSComputeSavingsPlan"),
        )
    )
    writer.writerow(PLAN_COLUMNS)
    writer.writerows([row.get(name, "") for name in PLAN_COLUMNS] for row in rows)
    return file.getvalue().encode()


def region_plans(region: str, machines: Prices) -> bytes:
    """The savings plans of a region with these machines and all that stands around them."""
    return savings_plans(row for name, prices in machines.items() for row in plan_rows(region, name, prices))


def plans_path(region: str) -> str:
    """Where the file of savings plans of a region lies, as the index says it."""
    return f"/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/20261120175247/{region}/index.json"


def plan_index(*regions: str) -> bytes:
    """The index of the files of savings plans."""
    entries = [{"regionCode": region, "versionUrl": plans_path(region)} for region in regions]
    return json.dumps({"disclaimer": "", "publicationDate": PUBLISHED, "regions": entries}).encode()


def feed(region: str, usd_per_hour: Mapping[str, str]) -> bytes:
    """The page feed of a region, with these prices by instance type, and one machine without a GPU."""
    location = LOCATIONS[region]
    entries = {
        f"{name.replace('.', ' ')} {location} Linux".replace("(", "").replace(")", ""): {
            "rateCode": f"{sku_of(region, name)}.JRTCKXETXF.6YS6EN2CT7",
            "price": price,
            "Location": location,
            "Instance Family": "GPU instance",
            "vCPU": "4",
            "Instance Type": name,
            "Memory": "16 GiB",
            "Storage": "EBS Only",
            "Network Performance": "Up to 10 Gigabit",
        }
        for name, price in {"m6in.large": "0.1480000000", **usd_per_hour}.items()
    }
    manifest = {
        "serviceId": "ec2",
        "currencyCode": "USD",
        "hawkFilePublicationDate": PUBLISHED,
        "source": "ec2",
    }
    return json.dumps({"manifest": manifest, "regions": {location: entries}}).encode()


def spot(regions: Mapping[str, Mapping[str, str]]) -> bytes:
    """The spot feed, with these prices by region and instance type, and one machine without a GPU."""
    entries = [
        {"region": region, "footnotes": {"*": "notAvailableForCCorCGPU"}, "instanceTypes": _families(prices)}
        for region, prices in regions.items()
    ]
    config = {
        "rate": "perhr",
        "valueColumns": ["linux", "mswin"],
        "currencies": ["USD"],
        "regions": entries,
    }
    return json.dumps({"vers": 0.01, "config": config}).encode()


def _families(prices: Mapping[str, str]) -> list[dict[str, object]]:
    sizes = [
        {
            "size": name,
            "valueColumns": [
                {"name": "mswin", "prices": {"USD": "77.7"}},
                {"name": "linux", "prices": {"USD": price}},
            ],
        }
        for name, price in {"t3.micro": "0.0031", **prices}.items()
    ]
    return [{"type": "generalCurrentGen", "sizes": sizes}]
