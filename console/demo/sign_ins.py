"""The accounts of the demo, which have reserved domains, so that real people never have one."""

from console.environment import DEMO_SUPPORT

SIGN_INS = {
    "owner@northwind.example": "Owner of Northwind Labs",
    "admin@northwind.example": "Admin of Northwind Labs",
    "member@northwind.example": "Member of Northwind Labs",
    "partner@contoso.example": "Owner of Contoso, external collaborator at Northwind",
    "stranger@fabrikam.example": "Owner of Fabrikam",
    DEMO_SUPPORT: "support staff, at /admin/",
}
