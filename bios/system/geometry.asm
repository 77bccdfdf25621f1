; Finding the disks at power-on, and the geometry INT 13h shows of each: the drive's own where it fits into 1024
; cylinders and nothing says otherwise; what the partition table was written with, where that can be proved; else more
; heads and fewer cylinders (LBA assist, or ECHS for drives without LBA).

scratch_segment equ 0x0800              ; 512 bytes for what drives say

init_disks:
        ds_ebda
        mov si, ebda.disk
        xor bx, bx                      ; channel, drive
.next:
        push bx
        call try_disk
        pop bx
        jc .none
        push bx
        call disk_geometry
        pop bx
        push ds
        mov ds, [cs:bda_segment]
        inc byte [bda.disks]
        pop ds
        add si, disk.bytes
.none:
        inc bx
        cmp bx, 4
        jb .next
        mov word [si + disk.port], 0
        mov si, ebda.disk
        mov di, ebda.disk_table_0
        call fill_disk_table
        mov si, ebda.disk + disk.bytes
        mov di, ebda.disk_table_1
        call fill_disk_table
        mov ds, [cs:bda_segment]
        mov byte [bda.disk_control], 0x08
        ret

.ports: dw 0x1f0, 0x3f6, 0x170, 0x376

; Is there a disk on channel BX / 2 as drive BX & 1? Fills the record SI. Carry: no.
try_disk:
        mov ax, bx
        shl bx, 1
        and bx, 4
        mov cx, [cs:bx + init_disks.ports]
        mov [si + disk.port], cx
        mov cx, [cs:bx + init_disks.ports + 2]
        mov [si + disk.control], cx
        mov cl, 4
        and al, 1
        shl al, cl
        or al, 0xa0
        mov [si + disk.select], al
        mov byte [si + disk.flags], 0
        mov dx, [si + disk.port]
        add dx, 7
        in al, dx
        cmp al, 0xff                    ; nothing drives the bus
        je .none
        dec dx
        mov al, [si + disk.select]
        out dx, al
        sub dx, 4
        mov ax, 0xaa55                  ; do the registers hold what is written?
        out dx, al
        inc dx
        xchg al, ah
        out dx, al
        in al, dx
        dec dx
        mov ah, al
        in al, dx
        cmp ax, 0xaa55
        jne .none
        add dx, 5
        in al, dx
        test al, al                     ; the first drive answers for an absent second with 0
        jz .none
        test byte [si + disk.select], 0x10
        jnz .was_reset
        call ata_reset
        jc .none
.was_reset:
        call ata_select
        jc .none
        mov al, 0xec                    ; IDENTIFY DEVICE
        call ata_begin
        call ata_wait
        jc .none
        test al, ata_err                ; an ATAPI drive refuses
        jnz .none
        test al, ata_drq
        jz .none
        mov dx, [si + disk.port]
        mov ax, scratch_segment
        mov es, ax
        xor di, di
        mov cx, 256
.word:
        in ax, dx
        stosw
        loop .word
        test byte [es:1], 0x80          ; not ATA
        jnz .none
        call parse_identification
        call ata_set_geometry
        clc
        ret
.none:
        stc
        ret

; What the drive says at ES:0 into the record SI.
parse_identification:
        mov ax, [es:1 * 2]
        mov bx, [es:3 * 2]
        mov cx, [es:6 * 2]
        mov [si + disk.cylinders], ax
        mov [si + disk.heads], bx
        mov [si + disk.sectors], cx
        mul bx
        mov bx, ax                      ; cylinders * heads fit into 26 bits
        mov di, dx
        mul cx
        mov [si + disk.capacity], ax
        mov [si + disk.capacity + 2], dx
        mov ax, di
        mul cx
        add [si + disk.capacity + 2], ax
        xor ax, ax
        mov [si + disk.capacity + 4], ax
        mov [si + disk.capacity + 6], ax
        test byte [es:49 * 2 + 1], 0x02 ; LBA
        jz .done
        mov ax, [es:60 * 2]
        mov dx, [es:61 * 2]
        mov bx, ax
        or bx, dx
        jz .done
        or byte [si + disk.flags], disk_is_lba
        mov [si + disk.capacity], ax
        mov [si + disk.capacity + 2], dx
        mov ax, [es:83 * 2]
        and ax, 0xc400
        cmp ax, 0x4400                  ; the word is valid, 48-bit addresses
        jne .done
        mov ax, [es:100 * 2]
        or ax, [es:101 * 2]
        or ax, [es:102 * 2]
        jz .done
        or byte [si + disk.flags], disk_is_lba48
        push si
        push ds
        lea di, [si + disk.capacity]
        mov cx, 4
        push es
        push ds
        pop es
        pop ds
        mov si, 100 * 2
        rep movsw
        push ds
        pop es
        pop ds
        pop si
.done:
        ret

; disk.told_* of the record SI.
disk_geometry:
        call geometry_from_partitions
        jnc .heads_known
        mov ax, [si + disk.heads]
        mov cx, [si + disk.sectors]
        cmp word [si + disk.cylinders], 1024
        ja .big
        test byte [si + disk.flags], disk_is_lba
        jz .heads_known
        push ax                         ; more than its geometry says?
        push cx
        mul cx
        mov bx, ax
        mov ax, [si + disk.cylinders]
        mul bx
        cmp dx, [si + disk.capacity + 2]
        pop cx
        pop ax
        jae .heads_known
.big:
        test byte [si + disk.flags], disk_is_lba
        jnz .assist
        mov bx, [si + disk.cylinders]   ; ECHS: half the cylinders, twice the heads
.halve:
        cmp bx, 1024
        jbe .heads_known
        shr bx, 1
        shl ax, 1
        cmp ax, 128
        jbe .halve
        jmp .heads_known
.assist:
        mov cx, 63
        mov ax, 16
.more:
        push ax
        mul cx
        mov bx, ax
        call capacity_divided
        pop ax
        cmp bx, 1024
        jbe .heads_known
        shl ax, 1
        cmp ax, 256
        jb .more
        mov ax, 255
.heads_known:                           ; AX heads, CX sectors
        mov [si + disk.told_heads], ax
        mov [si + disk.told_sectors], cx
        mul cx
        mov bx, ax
        push bx
        call capacity_divided
        cmp bx, 1024
        jbe .fits
        mov bx, 1024
.fits:
        test bx, bx
        jnz .some
        inc bx
.some:
        mov [si + disk.told_cylinders], bx
        pop ax
        mul bx
        mov [si + disk.chs_capacity], ax
        mov [si + disk.chs_capacity + 2], dx
        mov ax, [si + disk.told_heads]
        cmp ax, [si + disk.heads]
        jne .translated
        mov ax, [si + disk.told_sectors]
        cmp ax, [si + disk.sectors]
        je .done
.translated:
        or byte [si + disk.flags], disk_translated
.done:
        ret

; BX = capacity / BX, at most FFFFh. Changes AX, DX.
capacity_divided:
        mov ax, [si + disk.capacity + 4]
        or ax, [si + disk.capacity + 6]
        jnz .many
        mov dx, [si + disk.capacity + 2]
        cmp dx, bx
        jae .many
        mov ax, [si + disk.capacity]
        div bx
        mov bx, ax
        ret
.many:
        mov bx, 0xffff
        ret

; AX heads, CX sectors as the first sector's partition table implies them. An entry counts if its first and its last
; sector, both as CHS and as number, agree under its own last head and sector. Carry: nothing can be said.
geometry_from_partitions:
        mov word [ebda.io_left], 1
        mov word [ebda.io_offset], 0
        mov word [ebda.io_segment], scratch_segment
        mov byte [ebda.io_operation], 0
        xor ax, ax
        mov [ebda.io_lba], ax
        mov [ebda.io_lba + 2], ax
        mov [ebda.io_lba + 4], ax
        mov [ebda.io_lba + 6], ax
        call ata_transfer
        jc .none
        mov ax, scratch_segment
        mov es, ax
        cmp word [es:510], 0xaa55
        jne .none
        mov di, 446
.entry:
        cmp byte [es:di + 4], 0
        je .next
        mov al, [es:di + 6]
        and ax, 0x3f
        jz .next
        mov cx, ax                      ; sectors
        mov al, [es:di + 5]
        mov bx, ax
        inc bx                          ; heads
        cmp bx, 256
        jae .next
        lea bp, [di + 5]                ; last sector: start + size - 1
        mov ax, [es:di + 8]
        mov dx, [es:di + 10]
        add ax, [es:di + 12]
        adc dx, [es:di + 14]
        sub ax, 1
        sbb dx, 0
        call .agrees
        jne .next
        lea bp, [di + 1]
        mov ax, [es:di + 8]
        mov dx, [es:di + 10]
        call .agrees
        jne .next
        mov ax, bx
        clc
        ret
.next:
        add di, 16
        cmp di, 510
        jb .entry
.none:
        stc
        ret
; Z: the CHS at ES:BP is sector DX:AX with BX heads of CX sectors.
.agrees:
        push ax
        push dx
        push di
        push cx
        mov al, [es:bp + 2]             ; cylinder
        mov ah, [es:bp + 1]
        rol ah, 1
        rol ah, 1
        and ah, 0x03
        mul bx
        add al, [es:bp]
        adc ah, 0
        adc dx, 0
        mov di, dx
        mul cx
        xchg ax, di
        push dx
        mul cx
        pop dx
        add dx, ax                      ; DX:DI
        mov al, [es:bp + 1]
        and ax, 0x3f
        dec ax
        add di, ax
        adc dx, 0
        mov ax, di
        mov di, dx
        pop cx
        mov bp, sp
        cmp ax, [ss:bp + 4]
        jne .different
        cmp di, [ss:bp + 2]
.different:
        pop di
        pop dx
        pop ax
        ret

; The fixed disk parameter table of INT 41h or 46h at DI, from the record SI.
fill_disk_table:
        cmp word [si + disk.port], 0
        je .done
        mov ax, [si + disk.told_cylinders]
        mov [di], ax
        mov al, [si + disk.told_heads]
        mov [di + 2], al
        mov word [di + 5], 0xffff       ; no write precompensation
        mov byte [di + 8], 0x08
        mov ax, [si + disk.told_cylinders]
        mov [di + 12], ax               ; landing zone
        mov al, [si + disk.told_sectors]
        mov [di + 14], al
        test byte [si + disk.flags], disk_translated
        jz .done
        mov byte [di + 3], 0xa0         ; a translated table: the drive's own geometry follows
        mov al, [si + disk.sectors]
        mov [di + 4], al
        mov ax, [si + disk.cylinders]
        mov [di + 9], ax
        mov al, [si + disk.heads]
        mov [di + 11], al
        mov cx, 15
        mov ah, 0
        push di
.sum:
        sub ah, [di]
        inc di
        loop .sum
        mov [di], ah
        pop di
.done:
        ret
